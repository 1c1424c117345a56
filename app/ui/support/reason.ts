/** The most characters of a reason that a form takes: as many as are kept (`MOST_REASON_CHARACTERS` of app/delivery/lane-state.ts). */
export const MOST_REASON = 500

/**
 * What a form of a release sends beside the reason: that it said that the merchant reads it. Forms of former versions, which may be open
 * yet, said that it is for the audit alone.
 */
export const SAID_MERCHANT_READS = { merchantReads: 'yes' } as const
