/** Ways out of the house, beside the app. */
export const channels = ['email', 'sms', 'push'] as const
export type Channel = (typeof channels)[number]
