import type { LayerEntry } from '../contents/recorder.ts';

/** One entry of a layer's archive, with the target of a link. */
export type LinkedEntry = LayerEntry & { readonly link?: string };
