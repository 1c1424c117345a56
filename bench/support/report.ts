/** What a run leaves: a table for the screen, and a file of figures with the machine they were measured on. */
import { writeFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import { join, resolve } from 'node:path'
import type { Figure } from './bench.ts'

export const RESULTS = resolve(import.meta.dirname, '../results')

export type SuiteReport = { id: string; about: string; seconds: number; figures: Figure[]; notes: string[] }

export type Report = {
  /** ISO 8601. */
  startedAt: string
  quick: boolean
  machine: {
    cores: number
    model: string
    memoryGb: number
    node: string
    platform: string
    /** Of the minute before: what else the machine did. */
    loadAverage: number
  }
  suites: SuiteReport[]
}

export function startReport(quick: boolean): Report {
  const machine = {
    cores: cpus().length,
    model: cpus()[0]?.model ?? 'unknown',
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    loadAverage: loadavg()[0] ?? 0,
  }
  return { startedAt: new Date().toISOString(), quick, machine, suites: [] }
}

/** The report as JSON, each figure that has an aim with `met`. */
export function toJson(report: Report): string {
  const suites = report.suites.map(suite => ({ ...suite, figures: suite.figures.map(withVerdict) }))
  return JSON.stringify({ ...report, suites }, null, 2)
}

/** Writes the report, over what was written of it before. @returns the file's path */
export function saveReport(report: Report, folder: string): string {
  const file = join(folder, `${report.startedAt.replaceAll(/[:.]/g, '-')}.json`)
  writeFileSync(file, `${toJson(report)}\n`)
  return file
}

/** Whether the aim is met; figures without one say nothing. */
export function met({ value, aim }: Figure): boolean | undefined {
  if (!aim) return undefined
  return 'least' in aim ? value >= aim.least : value <= aim.most
}

function withVerdict(figure: Figure) {
  return figure.aim ? { ...figure, met: met(figure) } : figure
}

export function showSuite({ id, about, seconds, figures, notes }: SuiteReport): string {
  const rows = figures.map(figure => [figure.name, shown(figure), verdict(figure)])
  const widths = [0, 1].map(column => Math.max(...rows.map(row => row[column]?.length ?? 0)))
  const lines = rows.map(
    ([name = '', value = '', aim = '']) =>
      `  ${name.padEnd(widths[0] ?? 0)}  ${value.padStart(widths[1] ?? 0)}  ${aim}`,
  )
  const head = `\n${id}: ${about} (${seconds.toFixed(0)} s)`
  return [head, ...lines.map(line => line.trimEnd()), ...notes.map(note => `  ${note}`)].join('\n')
}

function shown({ value, unit }: Figure): string {
  if (unit === 'ratio') return `${value < 0.1 ? value.toPrecision(2) : value.toFixed(2)} x`
  if (unit === 'count') return value.toFixed(0)
  if (unit === 'score') return value.toFixed(3)
  if (unit === 'B') return `${value.toFixed(0)} B`
  return `${value.toFixed(value < 100 ? 1 : 0)}${unit === '/s' ? '/s' : ` ${unit}`}`
}

function verdict(figure: Figure): string {
  const { aim } = figure
  if (!aim) return ''
  const words = 'least' in aim ? `at least ${aim.least}` : `at most ${aim.most}`
  return `${met(figure) ? 'met' : 'MISSED'}: ${words}`
}
