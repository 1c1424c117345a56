/** `GET /healthz`: the process answers. */
export const loader = () => Response.json({ status: 'ok' }, { headers: { 'cache-control': 'no-store' } })
