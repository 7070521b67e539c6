/** One call that the app made, as it was made. */
export interface Call {
  method: string;
  arguments: unknown[];
  outcome: 'pending' | 'success' | 'error';
  /** What success or the error carried. */
  value?: unknown;
}

/** What the workspace knows of one user. */
export interface Contact {
  kind: 'anonymous' | 'identified';
  user_id: string | null;
  email: string | null;
  attributes: Record<string, unknown>;
  custom_attributes: Record<string, unknown>;
  companies: Record<string, Record<string, unknown>>;
  events: Array<{ name: string; metadata: Record<string, unknown> | null }>;
}

export interface Screen {
  /** `closed`, or what is open, such as `home`, `help_center`, `article`, `composer` or `content_error`. */
  messenger: string;
  content: { type: string; id?: string; ids?: string[] } | null;
  composer: string | null;
  launcher: boolean;
}

export interface Snapshot {
  state: Record<string, string>;
  records: Record<string, Contact[]>;
  current: number | null;
  registers: Record<string, unknown>;
}

export interface Options {
  /** In whose way errors are reported; `android` if left out. */
  platform?: 'android' | 'ios';
  /** With false, what waits for the network waits for `advance`; otherwise no test ever waits. */
  immediate?: boolean;
  /** Alternatives that the specification leaves open, by the id of a transition: the place in its `one_of`. */
  choices?: Record<string, number>;
  /** What the workspace holds at first, such as `collections` or `content`. */
  registers?: Record<string, unknown>;
}

export type Change = 'unread' | 'show' | 'hide';

/** One fake SDK: what the app did with it, and what the world does to it. */
export class Fake {
  constructor(options?: Options);
  /** A freshly installed app over an empty workspace; options that are given stay. */
  reset(options?: Options): void;
  readonly platform: 'android' | 'ios';
  /** Every call since the last reset. */
  readonly calls: Call[];
  readonly snapshot: Snapshot;
  /** Everybody whom the workspace knows. */
  readonly contacts: Contact[];
  /** The contact who is logged in. */
  readonly user: Contact | null;
  /** What the end user has on screen. */
  readonly screen: Screen;
  readonly network: {
    /** Requests are answered, those that were held included. */
    up(): void;
    /** The same as `up`, to be said after `hold`. */
    answer(): void;
    /** Requests fail. */
    fail(): void;
    /** The next request fails, the one after it is answered. */
    failOnce(): void;
    /** Requests go out and their answers are kept back. */
    hold(): void;
  };
  /** Lets an event of the specification happen, such as `message_arrives` or `carousel_arrives`. */
  happens(event: string, ...given: unknown[]): void;
  /** Lets virtual seconds pass. */
  advance(seconds: number): void;
  /** Gives a piece of content a status: `live` if none is given, or `draft` or `paused`. */
  publish(type: string, id: string, status?: string): void;
  /** The user hash that the workspace accepts for a userId or an email. */
  userHash(identity: string): string;
  /** Tells of each change that an app can hear of; the result ends that. */
  listen(listener: (change: Change, unread?: number) => void): () => void;
}
