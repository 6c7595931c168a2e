// What all charts over periods have: a place for marks, axes, and the way from a period to its place.
import { scaleBand, scaleLinear, type ScaleBand, type ScaleLinear } from 'd3-scale';
import { svg } from '../base/dom';

export interface FrameOptions {
  width: number;
  height: number;
  ticks: string[];  // a name a period, for the axis
  domain: [number, number];
  format: (value: number, step: number) => string;  // of ticks, which are `step` apart
  small?: boolean;  // fewer ticks, less room around
}

export interface Frame {
  root: SVGSVGElement;
  marks: SVGGElement;
  x: ScaleBand<number>;
  y: ScaleLinear<number, number>;
  /** The middle of a period. */
  at: (period: number) => number;
  top: number;
  bottom: number;
}

const WIDEST_STEP = 130;  // of a period, where there are few
const CHARACTER = 7.2;  // about how wide one is at the axis' size

function bottomAxis(frame: Frame, options: FrameOptions): SVGGElement {
  const step = frame.x.step();
  const longest = Math.max(...options.ticks.map((tick) => tick.length), 1) * CHARACTER + 10;
  const every = options.small ? Math.max(1, options.ticks.length - 1) : Math.max(1, Math.ceil(longest / step));
  const group = svg('g', { class: 'axis' });
  options.ticks.forEach((tick, i) => {
    if (i % every !== 0) return;
    const anchor = options.small ? (i === 0 ? 'start' : 'end') : 'middle';
    const x = options.small ? (i === 0 ? frame.x(0)! : frame.x(i)! + frame.x.bandwidth()) : frame.at(i);
    group.append(svg('text', { x, y: frame.bottom + 17, 'text-anchor': anchor }, tick));
  });
  return group;
}

function leftAxis(frame: Frame, options: FrameOptions, left: number): SVGGElement {
  const group = svg('g', { class: 'axis' });
  const ticks = frame.y.ticks(options.small ? 3 : 5);
  const step = Math.abs((ticks[1] ?? 1) - (ticks[0] ?? 0));
  for (const value of ticks) {
    const y = frame.y(value);
    group.append(
      svg('line', { class: value === 0 && options.domain[0] < 0 ? 'zero' : 'grid', x1: left, x2: options.width, y1: y, y2: y }),
      svg('text', { x: left - 7, y: y + 4, 'text-anchor': 'end' }, options.format(value, step)));
  }
  return group;
}

/** Hatching for a label, so that colour is not alone. */
export function hatching(id: string): SVGDefsElement {
  return svg('defs', {},
    svg('pattern', { id, width: 6, height: 6, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' },
      svg('line', { class: 'hatch', x1: 1.5, x2: 1.5, y1: 0, y2: 6 })));
}

export function makeFrame(options: FrameOptions): Frame {
  const left = options.small ? 40 : 48;
  const [top, bottom] = [options.small ? 8 : 20, options.height - 24];
  const indices = options.ticks.map((_, i) => i);
  const x = scaleBand<number>().domain(indices).range([left + 2, Math.min(options.width - 2, left + 2 + indices.length * WIDEST_STEP)]).paddingInner(0.18).paddingOuter(0.1);
  const y = scaleLinear().domain(options.domain).range([bottom, top]);
  const frame: Frame = {
    root: svg('svg', { class: 'chart', width: options.width, height: options.height, viewBox: `0 0 ${options.width} ${options.height}`, 'aria-hidden': 'true', focusable: 'false' }),
    marks: svg('g'),
    x,
    y,
    at: (period) => (x(period) ?? 0) + x.bandwidth() / 2,
    top,
    bottom,
  };
  frame.root.append(leftAxis(frame, options, left), frame.marks, bottomAxis(frame, options));
  return frame;
}

/** The period at a place of the chart, -1 where there is none. */
export function periodAt(frame: Frame, pixel: number): number {
  const [from] = frame.x.range();
  const last = frame.x.domain().length - 1;
  return last < 0 ? -1 : Math.max(0, Math.min(last, Math.floor((pixel - from) / frame.x.step())));
}
