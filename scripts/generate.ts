/**
 * Generates the Prisma client into app/db/generated. Runs after every `npm install`; needs no network: the
 * generator uses no engine, but the command would download one if it were not told of a file that exists.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

const root = path.join(import.meta.dirname, '..')
const schema = path.join(root, 'prisma/schema.prisma')
const command = prismaCommand()

if (command) {
  const run = spawnSync(process.execPath, [command, 'generate', '--schema', schema, '--no-hints'], {
    cwd: root,
    encoding: 'utf8',
    env: {
      ...process.env,
      PRISMA_SCHEMA_ENGINE_BINARY: schema,
      CHECKPOINT_DISABLE: '1',
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
    },
  })
  if (run.status !== 0) {
    console.error(run.stdout, run.stderr)
    console.error(
      'The Prisma client was not generated: correct what is said above, then run "npm install" again.',
    )
    process.exit(1)
  }
} else if (!existsSync(path.join(root, 'app/db/generated/client.ts'))) {
  console.error(
    'Prisma is not installed (development dependencies were left out): copy app/db/generated from a full install.',
  )
}

/** The command's script, undefined when development dependencies are not installed. */
function prismaCommand(): string | undefined {
  try {
    const manifest = createRequire(import.meta.url).resolve('prisma/package.json')
    return path.join(path.dirname(manifest), 'build/index.js')
  } catch {
    return undefined
  }
}
