import type { Action } from '../token.ts'

export interface Text {
  title: string
  /** What is about to happen. */
  ask: string
  button: string
  done: string
}

/** One language. Neither whom a visit is with nor what for: somebody else may hold the phone. */
export interface Words {
  readonly lang: string
  /** "Monday 3 March 2031 at 09:00 (Accra time)" */
  when(start: Date, zone: string): string
  readonly actions: { readonly [A in Action]: (when: string) => Text }
  readonly choose: string
  readonly noTimes: string
  readonly refused: { readonly title: string; readonly text: string }
  readonly failed: { readonly title: string }
}
