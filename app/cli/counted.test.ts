import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { counted } from './counted.ts'

it.each([
  [0, '0 deliveries'],
  [1, '1 delivery'],
  [2, '2 deliveries'],
  [21, '21 deliveries'],
])('%i is written as "%s"', (count, text) => {
  expect(counted(count, 'delivery', 'deliveries')).toBe(text)
})

it('has an "s" where nothing else is said', () => {
  expect([counted(1, 'shop'), counted(3, 'shop')]).toEqual(['1 shop', '3 shops'])
})

it('is the only one of its name in the command line', () => {
  const files = globSync('*.ts', { cwd: import.meta.dirname, exclude: ['*.test.ts'] })
  const own = files.filter(file =>
    /function counted\b|const counted\b/.test(readFileSync(join(import.meta.dirname, file), 'utf8')),
  )
  expect(own).toEqual(['counted.ts'])
})
