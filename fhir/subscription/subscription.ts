import type { Resource } from '../resource.ts'

/** hl7.org/fhir/R4/subscription.html, as far as it is looked at here. */
export interface Subscription extends Resource {
  status: 'requested' | 'active' | 'error' | 'off'
  criteria: string
  end?: string
  error?: string
  channel: {
    type: string
    endpoint?: string
    payload?: string
    header?: string[]
  }
}

export const isSubscription = (resource: Resource): resource is Subscription => resource.resourceType === 'Subscription'
