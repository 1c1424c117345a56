/** What is wrong with a page that is open, as far as a program can tell. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Frame, Page } from 'playwright-core'
import { expect } from 'vitest'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/**
 * What stands for a landmark besides landmarks: axe's own, and what Polaris puts around its navigation. That has a name, which axe
 * takes for content, and no role at a desk's width; all that is in it is in the `nav`. A menu that is open lies over all landmarks.
 */
const REGIONS = 'dialog, [role=dialog], [role=alertdialog], svg, #AppFrameNav, [data-portal-id^=popover]'

/** What axe finds of violations that are more than minor, each with the elements concerned. */
export async function violations(frame: Frame): Promise<string[]> {
  // As costly as what it finds out; a page that is looked at again has it.
  if (await frame.evaluate(() => !('axe' in window))) await frame.evaluate(AXE)
  return frame.evaluate(async regionMatcher => {
    const { axe } = window as unknown as {
      axe: {
        configure(spec: object): void
        run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }>
      }
    }
    // What is only just appearing is paler than it will be; what turns for as long as something loads has no end to wait for.
    const ending = document
      .getAnimations()
      .filter(
        ({ effect, playState }) =>
          playState === 'running' && effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY,
      )
    await Promise.allSettled(ending.map(({ finished }) => finished))
    axe.configure({ checks: [{ id: 'region', options: { regionMatcher } }] })
    return (await axe.run()).violations
      .filter(({ impact }) => impact !== 'minor')
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
  }, REGIONS)
}

/** By how many pixels a page is wider than its window. */
export function sideways(frame: Frame): Promise<number> {
  return frame.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
}

/** @throws where a page has violations, or is wider than its window */
export async function looksWell(page: Page): Promise<void> {
  expect(await violations(page.mainFrame())).toEqual([])
  expect(await sideways(page.mainFrame())).toBe(0)
}

/** The page's title, its headings of the first level, and all that is written on it or read out. */
export async function wordsOf(frame: Frame): Promise<{ title: string; headings: string[]; written: string }> {
  const shown = await frame.evaluate(() => ({
    title: document.title,
    headings: [...document.querySelectorAll('h1')].map(each => each.textContent ?? ''),
  }))
  return { ...shown, written: (await writtenOn(frame, 'script, style')).join('\n') }
}

/** All that is written on a page or read out, text by text, its title first. @param but a selector of what is passed over */
export function writtenOn(frame: Frame, but: string): Promise<string[]> {
  return frame.evaluate(passed => {
    const nodes = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT, node =>
      node.parentElement?.closest(passed) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT,
    )
    const texts = [document.title]
    while (nodes.nextNode()) texts.push(nodes.currentNode.nodeValue ?? '')
    const named = ['aria-label', 'aria-description', 'placeholder', 'title', 'alt'].flatMap(name =>
      [...document.querySelectorAll(`[${name}]`)].map(each => each.getAttribute(name) ?? ''),
    )
    return [...texts, ...named]
  }, but)
}

/** Keys of texts that were shown in place of the texts. @param roots the first words of all keys */
export function rawKeysIn(written: string, roots: readonly string[]): string[] {
  return written.match(new RegExp(`(?<![\\w./@-])(?:${roots.join('|')})(?:\\.\\w+)+`, 'g')) ?? []
}
