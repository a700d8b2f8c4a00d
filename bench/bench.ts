import { mkdir } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { benchAlerts } from './alerts.ts'
import { benchCi } from './ci.ts'
import { benchDelivery } from './delivery.ts'
import { benchDerivation } from './derivation.ts'
import { isOver, tableOf, type Figure } from './figure.ts'
import { benchLate } from './late.ts'
import { benchLineProtocol } from './line-protocol.ts'
import { benchQuiet } from './quiet.ts'

const usage = `node bench/bench.ts [derivation] [late] [ci] [quiet] [line-protocol] [delivery] [alerts] [--services 1000] [--profiles FOLDER]

Measures everything, or what is named, against baselines of the same run. Exits with 1 where a refresh does not
give what a rebuild gives. --profiles writes a CPU profile of each part of the derivation.`

interface Options {
  services: number
  profiles: string | undefined
}

const benches: Record<string, (options: Options) => Promise<Figure[]>> = {
  derivation: (options) =>
    benchDerivation({ ...options, report: (line) => process.stderr.write(`${line}\n`) }),
  ci: ({ services }) => benchCi({ services, report: (line) => process.stderr.write(`${line}\n`) }),
  late: () => benchLate(),
  delivery: () => benchDelivery((line) => process.stderr.write(`${line}\n`)),
  quiet: () => benchQuiet(),
  alerts: () => benchAlerts((line) => process.stderr.write(`${line}\n`)),
  'line-protocol': async () => {
    const rates = await benchLineProtocol()
    return rates.map(({ name, value, unit, baseline }) => ({
      name,
      value,
      unit,
      baseline: { name: 'client library', value: baseline },
      // 200,000 points a second, or the library's own speed where that is lower.
      atLeast: Math.min(1, 200_000 / baseline),
    }))
  },
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    services: { type: 'string', default: '1000' },
    profiles: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})
const services = Number(values.services)
const unknown = positionals.find((name) => !Object.hasOwn(benches, name))
if (values.help || unknown !== undefined || !Number.isInteger(services) || services < 1) {
  console.error(usage)
  process.exit(values.help ? 0 : 2)
}
if (values.profiles !== undefined) await mkdir(values.profiles, { recursive: true })

const figures: Figure[] = []
for (const name of positionals.length > 0 ? positionals : Object.keys(benches)) {
  figures.push(...(await benches[name]!({ services, profiles: values.profiles })))
}
console.log(tableOf(figures))
if (figures.some((figure) => figure.name.startsWith('refresh equals') && isOver(figure))) process.exitCode = 1
