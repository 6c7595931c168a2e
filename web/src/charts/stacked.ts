// The shares of all labels, a bar a period, from negative at the bottom to positive at the top.
import { stack } from 'd3-shape';
import { newId, svg } from '../base/dom';
import { percent } from '../base/format';
import { hatching, makeFrame, type Frame } from './frame';

export interface ShareLabel {
  name: string;
  style: string;
}
export interface SharePeriod {
  tick: string;
  shares: (number | null)[];  // one a label; null: there are no texts
  uncertain: boolean;
  flagged: boolean;
}

export function stackedShares(labels: ShareLabel[], periods: SharePeriod[], width: number, height = 260): Frame {
  const frame = makeFrame({
    width, height, ticks: periods.map((period) => period.tick), domain: [0, 1], format: (value) => percent(value, 0),
  });
  const pattern = newId('hatch');
  frame.root.prepend(hatching(pattern));
  const layers = stack<SharePeriod, number>()
    .keys(labels.map((_, i) => i))
    .value((period, label) => period.shares[label] ?? 0)(periods);
  layers.forEach((layer, l) => {
    const label = labels[l]!;
    const group = svg('g', { class: `layer ${label.style}` });
    layer.forEach(([low, high], p) => {
      if (high <= low) return;
      const place = {
        x: frame.x(p)!, width: frame.x.bandwidth(), y: frame.y(high), height: frame.y(low) - frame.y(high),
        class: periods[p]!.uncertain ? 'uncertain' : undefined,
      };
      group.append(svg('rect', place));
      if (label.style.includes('negative')) group.append(svg('rect', { ...place, class: 'hatched', fill: `url(#${pattern})` }));
    });
    frame.marks.append(group);
  });
  periods.forEach((period, p) => {
    if (period.flagged) frame.marks.append(flagMark(frame.at(p), frame.top - 6));
  });
  return frame;
}

/** The mark of a period in which something changed: a triangle with its tip at the place. */
export function flagMark(x: number, y: number): SVGPathElement {
  return svg('path', { class: 'flag', d: `M${x},${y} l-5,-9 h10 z` });
}
