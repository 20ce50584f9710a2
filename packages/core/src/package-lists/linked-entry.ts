import type { LayerEntry } from '../contents/recorder.ts';

/** One entry of a layer's archive, with where a link leads. */
export type LinkedEntry = LayerEntry & { readonly link?: string };
