/** Why Shopify's Admin API gave no answer, as a closed list with sentences. */

/**
 * By HTTP status (https://shopify.dev/docs/api/usage/response-codes) and GraphQL error code
 * (https://shopify.dev/docs/api/admin-graphql, "Status and error codes"). The first five last until a person does something,
 * and stand with the shop until then.
 */
export const ADMIN_FAILURES = {
  no_session: {
    lasting: true,
    merchant: 'Sluice has no access to this shop yet. Open the app in Shopify’s admin once.',
  },
  reopen: {
    lasting: true,
    merchant: 'Sluice’s access to this shop has ended. Open the app in Shopify’s admin to renew it.',
  },
  frozen: {
    lasting: true,
    merchant: 'Shopify has frozen or paused this shop. It goes on when the shop is open again.',
  },
  locked: {
    lasting: true,
    merchant: 'Shopify has locked this shop. Its owner should ask Shopify’s support.',
  },
  gone: {
    lasting: true,
    merchant: 'Shopify knows no such shop, or it has uninstalled the app. Install the app again.',
  },
  denied: {
    lasting: false,
    merchant: 'Shopify does not let the app see or do this. Open the app to grant what it asks for.',
  },
  busy: { lasting: false, merchant: 'Shopify asked to slow down. It is tried again.' },
  unreachable: { lasting: false, merchant: 'Shopify could not be reached. It is tried again.' },
  app_refused: {
    lasting: false,
    merchant: 'Shopify refuses the app itself: SHOPIFY_API_KEY or SHOPIFY_API_SECRET is not the app’s.',
  },
  unreadable: { lasting: false, merchant: 'Shopify gave an answer that Sluice does not understand.' },
} as const satisfies Record<string, { lasting: boolean; merchant: string }>

export type AdminFailureKind = keyof typeof ADMIN_FAILURES

export type AdminFailure = {
  kind: AdminFailureKind
  /** What a merchant can act on. */
  merchant: string
  /** For the log: no token, nothing of a person. */
  log: string
  /** Not to be tried before so many milliseconds; null: trying again is of no use. */
  retryInMs: number | null
}

const TRANSIENT = new Set<AdminFailureKind>(['busy', 'unreachable', 'app_refused'])

/** @param retryInMs for one that passes; none for others */
export function adminFailure(kind: AdminFailureKind, log: string, retryInMs = 0): AdminFailure {
  return {
    kind,
    merchant: ADMIN_FAILURES[kind].merchant,
    log,
    retryInMs: TRANSIENT.has(kind) ? retryInMs : null,
  }
}

/** What a status other than 200 and 401 means; null for one that says nothing of its own. */
export function failureOfStatus(status: number, retryAfterMs = 0): AdminFailure | null {
  const log = `status ${status}`
  switch (status) {
    case 402:
      return adminFailure('frozen', log)
    case 403:
      return adminFailure('denied', log)
    case 404:
      return adminFailure('gone', log)
    case 423:
      return adminFailure('locked', log)
    case 429:
    // "Shopify Security Rejection": the request seemed malicious; it is documented to be tried later.
    case 430:
      return adminFailure('busy', log, retryAfterMs)
  }
  return status >= 500 || status === 408 ? adminFailure('unreachable', log, retryAfterMs) : null
}

/** @returns a value of the list, or null: what is stored may be older than the code */
export function asAdminFailure(kind: string | null): AdminFailureKind | null {
  return kind !== null && Object.hasOwn(ADMIN_FAILURES, kind) ? (kind as AdminFailureKind) : null
}
