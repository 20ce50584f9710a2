import type { LinkedEntry } from './linked-entry.ts';

/** Receives the layers of an image as they are read, lowest first. */
export interface LayerVisitor {
  /** @returns a function that receives the entry's content, piece by piece; a piece is only valid during the call */
  entry(entry: LinkedEntry): ((piece: Buffer, last: boolean) => void) | undefined;
  endLayer(): void;
}

/** Collects a whole file; nearly all files arrive in one piece. */
export function collected(whole: (content: Buffer) => void): (piece: Buffer, last: boolean) => void {
  const pieces: Buffer[] = [];
  return (piece, last) => {
    pieces.push(Buffer.from(piece));
    if (last) whole(pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces));
  };
}
