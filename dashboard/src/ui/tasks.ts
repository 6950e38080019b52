import { type Signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { textOf } from '../api/problem';

/** Something that a person began: one at a time, with what came of it in words. */
export interface Task {
  readonly busy: boolean;
  readonly refusal: string | null;
  /** True when it went through; false when it was refused, or another one is under way. */
  run(work: () => Promise<void>): Promise<boolean>;
  clear(): void;
}

export function useTask(): Task {
  const busy = useSignal(false);
  const refusal = useSignal<string | null>(null);
  return {
    busy: busy.value,
    refusal: refusal.value,
    clear: () => {
      refusal.value = null;
    },
    run: async (work) => {
      if (busy.peek()) return false;
      busy.value = true;
      refusal.value = null;
      try {
        await work();
        return true;
      } catch (error) {
        refusal.value = textOf(error);
        return false;
      } finally {
        busy.value = false;
      }
    },
  };
}

/** Something that is asked for when it is first shown. What was there stays to be seen while it is asked for again. */
export interface Loaded<T> {
  readonly value: T | null;
  readonly refusal: string | null;
  reload(): Promise<void>;
}

export function useLoaded<T>(load: () => Promise<T>, key = ''): Loaded<T> {
  const value: Signal<T | null> = useSignal<T | null>(null);
  const refusal = useSignal<string | null>(null);
  const reload = async () => {
    try {
      value.value = await load();
      refusal.value = null;
    } catch (error) {
      refusal.value = textOf(error);
    }
  };
  useEffect(() => {
    void reload();
  }, [key]);
  return { value: value.value, refusal: refusal.value, reload };
}
