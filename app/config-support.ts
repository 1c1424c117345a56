/** Whom merchants ask for help, as a part of the configuration (config.ts). */
import { z } from 'zod'

/** Null: none is given. */
export type SupportConfig = { email: string | null; url: string | null }

export const supportFields = {
  SUPPORT_EMAIL: z
    .string()
    .regex(
      /^[^\s@<>(),;:"\\?&]+@[^\s@<>(),;:"\\?&]+$/,
      'SUPPORT_EMAIL must be one plain e-mail address; correct it.',
    )
    .optional(),
  SUPPORT_URL: z
    .string()
    .refine(
      value => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol),
      'SUPPORT_URL must be an address such as https://help.example.com; correct it.',
    )
    .optional(),
}

type Settings = { SUPPORT_EMAIL?: string | undefined; SUPPORT_URL?: string | undefined }

export function supportConfig({ SUPPORT_EMAIL, SUPPORT_URL }: Settings): SupportConfig {
  return { email: SUPPORT_EMAIL ?? null, url: SUPPORT_URL ?? null }
}
