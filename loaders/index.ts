import { influxdb } from './influxdb.ts'
import { lineProtocolFile } from './line-protocol-file.ts'

/** Every kind of sink that the configuration may name. */
export const sinks = [influxdb, lineProtocolFile]
