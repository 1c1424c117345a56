/** Messages name commands as they are called: what an operator copies out of one must run. */
import { globSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'

const APP = resolve(import.meta.dirname, '../../app')
/** A command by its short name, as a string's words: comments and documents may call it so. */
const SHORT = /["'`(]sluice [a-z]/

const withoutComments = (text: string) => text.replace(/\/\*.*?\*\//gs, '').replace(/^\s*\/\/.*$/gm, '')

it('tells a message from a comment', () => {
  expect(withoutComments('/** `sluice lanes` */\n  // `sluice lanes`\n')).not.toMatch(SHORT)
  expect(withoutComments(`say('"sluice lanes" tells')`)).toMatch(SHORT)
})

it('no message calls a command otherwise than it is called', () => {
  const files = globSync('**/*.{ts,tsx}', { cwd: APP }).filter(path => !path.startsWith('db/generated/'))
  expect(files.length).toBeGreaterThan(100)
  expect(files.filter(path => SHORT.test(withoutComments(readFileSync(resolve(APP, path), 'utf8'))))).toEqual(
    [],
  )
})
