// A figure over periods with its interval: a line in a band. Uncertain periods are hollow points.
import { area, line } from 'd3-shape';
import { svg } from '../base/dom';
import { flagMark } from './stacked';
import { makeFrame, type Frame } from './frame';

export interface LinePoint {
  tick: string;
  value: number | null;
  low: number | null;
  high: number | null;
  uncertain: boolean;
  flagged: boolean;
}
export interface LineOptions {
  width: number;
  height: number;
  domain: [number, number];
  format: (value: number, step: number) => string;
  style: string;
  small?: boolean;
}

type Known = LinePoint & { value: number; low: number; high: number; at: number };

export function bandedLine(points: LinePoint[], options: LineOptions): Frame {
  const frame = makeFrame({ ...options, ticks: points.map((point) => point.tick) });
  const all = points.map((point, at) => ({ ...point, at }));
  const known = (point: LinePoint): point is Known => point.value !== null && point.low !== null && point.high !== null;
  const clamp = (value: number): number => frame.y(Math.max(options.domain[0], Math.min(options.domain[1], value)));
  const band = area<(typeof all)[number]>()
    .defined(known)
    .x((point) => frame.at(point.at))
    .y0((point) => clamp((point as Known).low))
    .y1((point) => clamp((point as Known).high));
  const way = line<(typeof all)[number]>()
    .defined(known)
    .x((point) => frame.at(point.at))
    .y((point) => clamp((point as Known).value));
  const group = svg('g', { class: `figure ${options.style}` });
  group.append(svg('path', { class: 'band', d: band(all) ?? '' }), svg('path', { class: 'line', d: way(all) ?? '' }));
  const dense = points.length > 60;
  all.forEach((point, i) => {
    if (!known(point)) return;
    const alone = !(all[i - 1] && known(all[i - 1]!)) && !(all[i + 1] && known(all[i + 1]!));
    if (alone) {
      const x = frame.at(point.at);
      group.append(svg('line', { class: 'whisker', x1: x, x2: x, y1: clamp(point.low), y2: clamp(point.high) }));
    }
    if (!dense || alone || point.flagged)
      group.append(svg('circle', {
        class: point.uncertain ? 'point uncertain' : 'point',
        cx: frame.at(point.at), cy: clamp(point.value), r: options.small ? 2.5 : 4,
      }));
    if (point.flagged) group.append(flagMark(frame.at(point.at), clamp(point.high) - 4));
  });
  frame.marks.append(group);
  return frame;
}

/** The range that holds all intervals, a little wider, and 0 where it is near. */
export function rangeOf(points: LinePoint[], low: number, high: number): [number, number] {
  const values = points.flatMap((point) => [point.low, point.high]).filter((value): value is number => value !== null);
  if (values.length === 0) return [low, high];
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const room = Math.max(0.02, (most - least) * 0.12);
  const from = least > 0 && least < (most - least) * 1.5 ? 0 : least - room;
  const to = most < 0 && -most < (most - least) * 1.5 ? 0 : most + room;
  return [Math.max(low, from), Math.min(high, to)];
}
