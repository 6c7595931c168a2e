// A part of the page that can be gone to.
import type { Setup } from './api';

export interface Place {
  id: string;
  title: string;
  /** Makes what is shown; called once, when the place is first gone to. */
  make(setup: Setup): HTMLElement;
}
