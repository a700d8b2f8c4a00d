import { z } from 'zod'
import { nearest } from '../core/nearest.ts'
import { durationField, textOrList } from '../core/setting-fields.ts'
import { builtInRules } from './built-in.ts'
import { clashOf, type Windows } from './rule-clashes.ts'
import { dashboardSchema } from './dashboard.ts'
import { heartbeatSchema, type Heartbeat } from './heartbeat.ts'
import type { Inhibition } from './inhibit.ts'
import { labelClashes } from './label-clashes.ts'
import { muteClashes, muteTimeSchema, type MuteTime } from './mute.ts'
import { checkMatch, type Route } from './route.ts'
import { ruleSchema, type Rule } from './rule.ts'

const values = textOrList(z.array(z.string()).min(1))

const match = z.record(z.string(), values).check(({ value, issues }) => {
  const message = checkMatch(value)
  if (message !== undefined) issues.push({ code: 'custom', message, input: value })
})
const someMatch = match.refine((labels) => Object.keys(labels).length > 0, {
  message: 'is empty; name a label and its value',
})

const routeSchema = z.strictObject({
  match: match.default({}),
  channels: values,
  groupBy: z.array(z.string()).default(['team', 'rule']),
  repeat: durationField('1d').prefault('1d'),
  /** Whether the routes after it are asked, too. */
  goesOn: z.boolean().default(false),
  /** Names of muteTimes. */
  mute: values.optional(),
})

const inhibitSchema = z.strictObject({
  when: someMatch,
  quiet: someMatch,
  equal: textOrList(z.array(z.string().min(1)).default([])),
})

/** Those of `builtIn`, which stand in no file and come before all others. */
const usualRules: readonly Rule[] = builtInRules.map((rule) => ruleSchema.parse(rule))

const usualNames = usualRules.map(({ name }) => name)
const builtInName = z.string().check(({ value, issues }) => {
  if (usualNames.includes(value)) return
  const near = nearest(value, usualNames)
  const right = near === undefined ? `there are ${usualNames.join(', ')}` : `did you mean ${near}?`
  issues.push({ code: 'custom', message: `no built-in rule ${value}; ${right}`, input: value })
})

/** What the configuration says under `alerts`. */
export const alertsSchema = z
  .strictObject({
    /** All of them, or those of these names. */
    builtIn: z.union([z.boolean(), z.array(builtInName)]).default(false),
    /** Read by whoever loads the configuration, who puts their rules behind those that stand here. */
    files: z.array(z.string().min(1)).default([]),
    rules: z.array(ruleSchema).default([]),
    routes: z.array(routeSchema).default([]),
    inhibit: z.array(inhibitSchema).default([]),
    inhibitDefaults: z.boolean().default(true),
    muteTimes: z.array(muteTimeSchema).default([]),
    heartbeat: heartbeatSchema.optional(),
    dashboard: dashboardSchema.optional(),
  })
  .transform((alerts, context): AlertSettings => {
    const { builtIn } = alerts
    const usual = usualRules.filter(({ name }) => (Array.isArray(builtIn) ? builtIn.includes(name) : builtIn))
    const paths = new Map<string, (string | number)[]>(usual.map(({ name }) => [name, ['builtIn']]))
    for (const [index, { name }] of alerts.rules.entries()) {
      const path = ['rules', index, 'name']
      const other = paths.get(name)
      if (other)
        context.issues.push({
          code: 'custom',
          message: `${name} is the name of another rule, too`,
          path,
          input: name,
          params: { other },
        })
      else paths.set(name, path)
    }
    const routes = alerts.routes.map(({ repeat, mute, ...route }): Route => ({
      ...route,
      repeatMs: repeat,
      ...(mute && { mute }),
    }))
    const { muteTimes, heartbeat, dashboard } = alerts
    for (const clash of muteClashes(muteTimes, routes))
      context.issues.push({ code: 'custom', ...clash, input: alerts })
    const inhibition = { rules: alerts.inhibit, isByDefault: alerts.inhibitDefaults }
    return {
      rules: [...usual, ...alerts.rules],
      routes,
      inhibition,
      muteTimes,
      ...(heartbeat && { heartbeat }),
      ...(dashboard !== undefined && { dashboard }),
    }
  })

/** Rules and routes, checked. */
export interface AlertSettings {
  rules: readonly Rule[]
  routes: readonly Route[]
  /** Which alerts keep others quiet; by default those of `inhibitorsOf`. */
  inhibition?: Inhibition
  /** The times that routes name. */
  muteTimes?: readonly MuteTime[]
  heartbeat?: Heartbeat
  /** Where the numbers are shown. */
  dashboard?: string
}

export const noAlerts: AlertSettings = { rules: [], routes: [] }

/** What is wrong between alerts, channels and windows, each with its place under `alerts`. */
export function clashesOf(
  settings: AlertSettings,
  { channels, ...windows }: { channels: readonly string[] } & Windows,
): { path: (string | number)[]; message: string }[] {
  const { rules, routes } = settings
  const clashes: { path: (string | number)[]; message: string }[] = []
  for (const [index, route] of routes.entries()) {
    for (const channel of route.channels) {
      if (channels.includes(channel)) continue
      const there =
        channels.length === 0 ? 'there is none under channels' : `there are ${channels.join(', ')}`
      clashes.push({ path: ['routes', index, 'channels'], message: `no channel ${channel}; ${there}` })
    }
  }
  if (routes.length > 0) {
    const used = new Set(routes.flatMap((route) => route.channels))
    for (const channel of channels)
      if (!used.has(channel))
        clashes.push({ path: ['routes'], message: `no route leads to the channel ${channel}` })
  }
  if (windows.services) clashes.push(...labelClashes(settings, windows.services))
  const written = rules.filter((rule) => !usualRules.includes(rule))
  for (const [index, rule] of written.entries()) {
    const clash = clashOf(rule, windows)
    if (clash) clashes.push({ path: ['rules', index, clash.key], message: clash.message })
  }
  for (const rule of rules.filter((each) => usualRules.includes(each))) {
    // Of what is known since lately, the number just comes later.
    const clash = clashOf(rule, { windowsDays: windows.windowsDays })
    if (clash) clashes.push({ path: ['builtIn'], message: clash.message })
  }
  return clashes
}

/** Where no route is configured, everything goes to every channel. */
export function routesTo(channels: readonly string[], routes: readonly Route[]): readonly Route[] {
  if (routes.length > 0 || channels.length === 0) return routes
  return [{ match: {}, channels, groupBy: ['team', 'rule'], repeatMs: 86_400_000, goesOn: false }]
}
