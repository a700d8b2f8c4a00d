import { execute, parse, validate, GraphQLError, type DocumentNode } from 'graphql'
import { apiError, byIndex, connection, type PageArguments } from './github-connection.ts'
import { queryCost } from './github-cost.ts'
import { isoSecond, nodeId, parseNodeId } from './github-ids.ts'
import { createNodes } from './github-nodes.ts'
import { githubSchema } from './github-schema.ts'
import type { GithubView } from './github-view.ts'
import type { Budget } from './budget.ts'

export interface GraphqlRequest {
  query?: unknown
  variables?: unknown
  operationName?: unknown
}

export interface GraphqlAnswer {
  /** What the query costs in points; 0 where it was not executed. */
  points: number
  body: object
}

export type Graphql = (request: GraphqlRequest, now: number, budget: Budget) => Promise<GraphqlAnswer>

const maxNodes = 500_000

/** Executes queries over a company's GitHub; errors are told in the answer, as GitHub does with status 200. */
export function createGraphql(github: GithubView, html: string): Graphql {
  const schema = githubSchema()
  const nodes = createNodes(html)
  const checked = new Map<string, DocumentNode | readonly GraphQLError[]>()

  function check(query: string): DocumentNode | readonly GraphQLError[] {
    const known = checked.get(query)
    if (known) return known
    const result = parsed(query)
    const errors = 'kind' in result ? validate(schema, result) : result
    const outcome = 'kind' in result && errors.length === 0 ? result : errors
    checked.set(query, outcome)
    return outcome
  }

  function rootAt(now: number, cost: { points: number; nodes: number }, budget: Budget): object {
    const node = (id: string): object | null => {
      const named = parseNodeId(id)
      const view = named && github.byId(named.repositoryId, now)
      return view ? nodes.byId(view, named) : null
    }
    const owner = (login: string): object | null => {
      const records = github.ofOwner(login)
      if (records.length === 0) return null
      const shape = (record: (typeof records)[number]) => nodes.repository(github.byId(record.id, now)!)
      return {
        __typename: 'Organization',
        id: nodeId('U', 0, login),
        login,
        name: login,
        repositories: (page: PageArguments) => connection('repositories', records, page, byIndex, shape),
      }
    }
    return {
      node: ({ id }: { id: string }) => node(id) ?? missing(id),
      nodes({ ids }: { ids: string[] }) {
        if (ids.length > 100) return apiError('ARGUMENT_LIMIT', 'You may not provide more than 100 node ids.')
        return ids.map((id) => node(id) ?? missing(id))
      },
      repository(wanted: { owner: string; name: string }) {
        const fullName = `${wanted.owner}/${wanted.name}`
        const view = github.byName(fullName, now)
        if (view) return nodes.repository(view)
        return apiError('NOT_FOUND', `Could not resolve to a Repository with the name '${fullName}'.`)
      },
      repositoryOwner: ({ login }: { login: string }) => owner(login),
      organization: ({ login }: { login: string }) =>
        owner(login) ??
        apiError('NOT_FOUND', `Could not resolve to an Organization with the login of '${login}'.`),
      viewer: { __typename: 'User', id: nodeId('U', 0, 1), login: 'metrics-reader', name: null, url: html },
      rateLimit: () => {
        const { limit, used, resetAt } = budget.state()
        const remaining = limit - used
        return {
          cost: cost.points,
          nodeCount: cost.nodes,
          limit,
          used,
          remaining,
          resetAt: isoSecond(resetAt),
        }
      },
    }
  }

  return async ({ query, variables, operationName }, now, budget) => {
    if (typeof query !== 'string')
      return { points: 0, body: { message: 'A query attribute must be specified and must be a string.' } }
    const document = check(query)
    if (!('kind' in document)) return { points: 0, body: { errors: document.map(formatted) } }
    const variableValues = (variables ?? {}) as Record<string, unknown>
    const cost = queryCost(document, variableValues)
    if (cost.nodes > maxNodes) {
      const message = `This query requests up to ${cost.nodes} possible nodes which exceeds the maximum limit of ${maxNodes}.`
      return { points: 0, body: { errors: [{ type: 'MAX_NODE_LIMIT_EXCEEDED', message }] } }
    }
    if (!budget.take(cost.points)) {
      const message = 'API rate limit already exceeded for this token.'
      return { points: 0, body: { errors: [{ type: 'RATE_LIMITED', message }] } }
    }
    const rootValue = rootAt(now, cost, budget)
    const name = typeof operationName === 'string' ? { operationName } : {}
    const { data, errors } = await execute({ schema, document, rootValue, variableValues, ...name })
    return {
      points: cost.points,
      body: { data: data ?? null, ...(errors && { errors: errors.map(formatted) }) },
    }
  }
}

function missing(id: string): GraphQLError {
  return apiError('NOT_FOUND', `Could not resolve to a node with the global id of '${id}'.`)
}

function parsed(query: string): DocumentNode | GraphQLError[] {
  try {
    return parse(query)
  } catch (error) {
    if (error instanceof GraphQLError) return [error]
    throw error
  }
}

/** GitHub puts the type beside the message. */
function formatted(error: GraphQLError): object {
  const { message, locations, path, extensions } = error.toJSON()
  const { type, ...more } = (extensions ?? {}) as { type?: unknown }
  return {
    ...(typeof type === 'string' && { type }),
    ...(path && { path }),
    ...(Object.keys(more).length > 0 && { extensions: more }),
    ...(locations && { locations }),
    message,
  }
}
