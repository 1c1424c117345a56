import type { ActionFunctionArgs } from '@remix-run/node'
import { z } from 'zod'
import { goingText } from '../ui/support/keys/left.ts'

const formSchema = z.object({ going: goingText.optional() })

/** The page was left while it sealed anew: told by the browser on its way out, which reads no answer. */
export async function action({ request, context }: ActionFunctionArgs) {
  const { support } = context.services
  const staff = await support.enter(request, 'admin')
  const { success, data } = formSchema.safeParse(Object.fromEntries(await request.formData()))
  if (!success) throw new Response(null, { status: 400 })
  await support.keys.left(staff, data.going ?? null)
  return new Response(null, { status: 204 })
}
