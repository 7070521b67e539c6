/** The types of wire.cjs, whose first lines explain them. */

/** Asks the native SDK, which the kit plays; rejects with an Error that has the SDK's code and message. */
export function native(method: string, args?: readonly unknown[]): Promise<unknown>;

/** The app's callbacks; null where it gives none. With style 'promises' a method returns the promise instead. */
export interface Callbacks {
  success: ((value?: unknown) => void) | null;
  error: ((error?: unknown) => void) | null;
}

export interface Driver {
  binding: {
    name: string;
    version: string;
    platform: string;
    capabilities: readonly string[];
    style?: 'callbacks' | 'promises';
    kind?: 'wrapper' | 'self-contained';
    language?: string;
    silent?: readonly string[];
  };
  methods: Record<string, (args: any[], callbacks: Callbacks) => unknown>;
  reset?(): void | Promise<void>;
  idle?(): Promise<void>;
  observe?(): unknown;
  environment?(event: string, args: any[]): void | Promise<void>;
  advance?(seconds: number): void | Promise<void>;
}

/** Serves the driver, one request after another, until the kit says shutdown or closes stdin. */
export function serve(driver: Driver): void;
