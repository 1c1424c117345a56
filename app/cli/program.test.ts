import { describe, expect, it, vi } from 'vitest'
import { run } from './program.ts'

describe('run', () => {
  it.each([
    [['nothing-such'], /^unknown command 'nothing-such'/],
    [['lans'], /Did you mean one of lane, lanes/],
    [['shops', '--bogus'], /^unknown option '--bogus'/],
    [['deliveries'], /^missing required argument 'shop'/],
    [['deliveries', 'x', '--limit', 'many'], /whole number from 1 to 10000/],
    [['deliveries', 'x', '--vendor', 'mailchimp'], /the vendors are ecomail/],
    [['lane'], /^No command was given; "npm run sluice -- --help" lists them\.$/],
    [[], /^No command was given/],
  ])('with --json prints nothing of its own about %j, and has a sentence for it', async (args, sentence) => {
    const write = vi.spyOn(process.stderr, 'write').mockImplementation(() => true)
    const wrong = await run([...args, '--json'])
    expect(write).not.toHaveBeenCalled()
    write.mockRestore()
    expect(wrong).toMatchObject({ told: false, message: expect.stringMatching(sentence) })
    expect(wrong?.message).not.toContain('\n')
  })

  it('tells it as text, and where help is', async () => {
    const write = vi.spyOn(process.stderr, 'write').mockImplementation(() => true)
    expect(await run(['nothing-such'])).toMatchObject({ told: true })
    const text = write.mock.calls.join('')
    write.mockRestore()
    expect(text).toMatch(/^error: unknown command 'nothing-such'\n\("npm run sluice -- --help"/)
  })

  it('finds nothing wrong with a wish for help, which says how it is called', async () => {
    const write = vi.spyOn(process.stdout, 'write').mockImplementation(() => true)
    expect(await run(['lanes', '--help'])).toBeNull()
    const text = write.mock.calls.join('')
    write.mockRestore()
    expect(text).toMatch(/^Usage: npm run sluice -- lanes/)
  })
})
