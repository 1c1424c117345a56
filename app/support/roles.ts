/** What a member of support may do. */

/** Each may do what those before it may: a viewer sees, an agent holds, releases, replays and reveals, an admin keeps accounts and keys. */
export const ROLES = ['viewer', 'agent', 'admin'] as const
export type Role = (typeof ROLES)[number]

export function isRole(text: string): text is Role {
  return ROLES.some(role => role === text)
}

/** Whether `role` may do what needs `least`. */
export function atLeast(role: Role, least: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(least)
}
