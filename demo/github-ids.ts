/** Global node ids, which say the type, the repository and the thing in it; opaque to clients as GitHub's are. */
export type NodeKind = 'R' | 'C' | 'PR' | 'PRR' | 'DE' | 'DES' | 'RE' | 'WFR' | 'U' | 'REF'

export interface NodeId {
  kind: NodeKind
  repositoryId: number
  key: string
}

export function nodeId(kind: NodeKind, repositoryId: number, key: string | number): string {
  return `${kind}_${Buffer.from(`${repositoryId}:${key}`).toString('base64url')}`
}

/** What a node id names; undefined where it is none. */
export function parseNodeId(id: string): NodeId | undefined {
  const match = /^(R|C|PR|PRR|DE|DES|RE|WFR|U|REF)_([\w-]+)$/.exec(id)
  if (!match) return undefined
  const named = /^(\d+):(.+)$/.exec(Buffer.from(match[2]!, 'base64url').toString())
  if (!named) return undefined
  return { kind: match[1] as NodeKind, repositoryId: Number(named[1]), key: named[2]! }
}

/** An instant as GitHub and PagerDuty write it. */
export function isoSecond(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`
}
