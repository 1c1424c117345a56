/** The most characters of a reason that a form takes: as many as are kept (`MOST_REASON_CHARACTERS` of app/delivery/lane-state.ts). */
export const MOST_REASON = 500
