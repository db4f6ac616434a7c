import { roomsFor } from './rooms.ts'

/** Every room of the house, whole: for tools and tests, and commands that need all of them. */
export const everything = await roomsFor({ services: [] })
