/** Prints the start and the end of a group. */
export interface GroupFrame {
  open(title: string): void;
  close(): void;
}

interface Group {
  readonly title: string;
  readonly held: (() => void)[];
  live: boolean;
  finished: boolean;
}

/**
 * Groups that are open at the same time are printed one after the other. The first streams live; lines of the others
 * are buffered, and follow when the live one ends: finished ones as a whole, then the oldest unfinished one streams.
 */
export class GroupQueue {
  readonly #frame: GroupFrame;
  #groups: Group[] = [];

  constructor(frame: GroupFrame) {
    this.#frame = frame;
  }

  /** @returns how to print inside the group (a call that runs when its turn comes), and how to end it. */
  open(title: string): { say(print: () => void): void; close(): void } {
    const group: Group = { title, held: [], live: false, finished: false };
    this.#groups.push(group);
    this.#advance();
    return {
      say: (print) => {
        if (group.live) print();
        else group.held.push(print);
      },
      close: () => {
        group.finished = true;
        this.#advance();
      },
    };
  }

  /** Prints everything buffered now, in order: the process is about to end. */
  flush(): void {
    for (const group of this.#groups) group.finished = true;
    this.#advance();
  }

  #advance(): void {
    for (;;) {
      const live = this.#groups.find((group) => group.live);
      if (live && !live.finished) return;
      if (live) {
        this.#frame.close();
        live.live = false;
        this.#groups = this.#groups.filter((group) => group !== live);
        continue;
      }
      const next = this.#groups.find((group) => group.finished) ?? this.#groups[0];
      if (next === undefined) return;
      next.live = true;
      this.#frame.open(next.title);
      for (const print of next.held.splice(0)) print();
    }
  }
}
