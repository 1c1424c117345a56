/** What somebody typed, or what an address holds, where it is asked of the database or kept in it. */
import { z } from 'zod'

/** PostgreSQL takes no NUL in a text (https://www.postgresql.org/docs/current/datatype-character.html): refused here, not a failure there. */
export const text = z.string().refine(given => !given.includes('\0'))
