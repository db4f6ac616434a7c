/** The reason in the audit, with whether it was done by a link in a message, without signing in. */
export function byLink({ doing }: { doing: string }, reason?: string): { reason?: string } {
  if (doing !== 'followLink') return reason === undefined ? {} : { reason }
  return { reason: reason === undefined ? 'by link' : `${reason} by link` }
}
