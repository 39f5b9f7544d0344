// The rules of redocly.yaml that none of the linter's own can tell. Webhooks are requests of ours
// to others: they have a rule to themselves, and those of schemas and examples.

const PROBLEM = 'application/problem+json';
const METHODS = ['get', 'put', 'post', 'delete', 'patch'];

/** Whether an operation has a parameter in a place, any or one of that name. */
const takes = (operation, place, name) =>
  (operation?.parameters ?? []).some(
    (told) => told.in === place && [undefined, told.name.toLowerCase()].includes(name),
  );

/** A rule that looks at one operation after the other; `report` takes a message and a path. */
const perOperation = (check) => () => ({
  Paths: {
    PathItem(item, ctx) {
      for (const method of METHODS.filter((method) => method in item)) {
        const operation = item[method];
        const location = ctx.location.child(method);
        const report = (message, within = []) =>
          ctx.report({
            message: `${operation.operationId}: ${message}`,
            location: location.child(within),
          });
        check({ operation, method, item, path: ctx.key, report, ctx, location });
      }
    },
  },
});

/** Each schema within one, references followed, and where it is. */
function* schemasWithin(schema, at, ctx, seen = new Set()) {
  const { node, location } = schema.$ref ? ctx.resolve(schema) : { node: schema, location: at };
  if (!node || seen.has(node)) return;
  seen.add(node);
  yield { node, location };
  const inner = [
    ...Object.entries(node.properties ?? {}).map(([name, child]) => [['properties', name], child]),
    ...['anyOf', 'oneOf', 'allOf'].flatMap((word) =>
      (node[word] ?? []).map((child, index) => [[word, index], child]),
    ),
    ...['items', 'additionalProperties'].map((word) => [[word], node[word]]),
  ];
  for (const [path, child] of inner) {
    if (child && typeof child === 'object') {
      yield* schemasWithin(child, location.child(path), ctx, seen);
    }
  }
}

/** What is sent and answered has an example, or one for each choice. */
const example = () => ({
  MediaType(content, ctx) {
    if (content.example === undefined && !Object.keys(content.examples ?? {}).length) {
      ctx.report({ message: 'There is no example.', location: ctx.location });
    }
  },
});

/** An operation names the refusals that all have, and those that follow from its form. */
const refusals = perOperation(({ operation, method, path, report }) => {
  const expected = new Set(['401', '403', '429', '500', '503']);
  const add = (condition, ...statuses) =>
    condition && statuses.forEach((status) => expected.add(status));
  add(path.includes('{'), '404');
  add(operation.requestBody, '400', '413', '415', '422');
  add(method === 'post', '409', '422');
  add(takes(operation, 'query'), '422');
  add(takes(operation, 'query', 'cursor'), '400');
  add(takes(operation, 'header', 'if-match'), '412');
  for (const status of expected) {
    if (!operation.responses?.[status]) report(`${status} is not named.`, ['responses']);
  }
});

/** Webex's clients read what is wrong with numbers in such a list, and take all else for done. */
const isListForWebex = ([type, { schema }]) =>
  type === 'application/json' && schema?.items?.$ref?.endsWith('/NumberErrors');

/** A refusal is a problem (RFC 9457), with an example of a code that it can have. */
const problem = ({ codes }) =>
  perOperation(({ operation, report }) => {
    for (const [status, answer] of Object.entries(operation.responses ?? {})) {
      if (status < '400') continue;
      const at = ['responses', status];
      const { [PROBLEM]: content, ...others } = answer.content ?? {};
      const isForWebex = operation['x-webex'] && Object.entries(others).every(isListForWebex);
      if (!content || !(isForWebex || !Object.keys(others).length)) {
        report(`A refusal is ${PROBLEM} and nothing else.`, at);
        continue;
      }
      if (!content.schema?.$ref?.endsWith('/ProblemView')) {
        report('A refusal is a ProblemView.', at);
      }
      const shown = content.example ?? {};
      const told = (answer.description ?? '').matchAll(/`([A-Za-z]+)`/g);
      const own = [...told].map(([, code]) => code);
      if (String(shown.status) !== status) {
        report(`The example has the status ${shown.status}.`, at);
      }
      if (![...own, ...(codes[status] ?? [])].includes(shown.code)) {
        report(`The example has the code ${shown.code}, which is none of ${status} here.`, at);
      }
    }
  })();

/** What the framework makes of its own accord is not published. */
const noSchemaOfTheFramework = () => ({
  NamedSchemas(schemas, ctx) {
    for (const name of Object.keys(schemas)) {
      if (/^(HTTP)?ValidationError$|-(Input|Output)$/.test(name)) {
        const location = ctx.location.child(name);
        ctx.report({ message: `${name} is the framework's own.`, location });
      }
    }
  },
});

const FIXED_LENGTH = ['date', 'date-time', 'uuid', 'binary'];

/** Whether a pattern has ends, and nothing in it goes on for ever. */
const isBounded = (pattern) => {
  const bare = pattern.replace(/\\./g, 'x').replace(/\[[^\]]*\]/g, 'x');
  let outside = bare;
  while (outside.includes('(')) {
    const less = outside.replace(/\([^()]*\)/g, 'x');
    if (less === outside) return false;
    outside = less;
  }
  return /^\^[^|]*\$$/.test(outside) && !/[*+]|\{\d+,\}/.test(bare);
};

/** A string, an array, an integer says how long, how many, how large it can be. */
const bounded = ({ unbounded }) => {
  const exempt = new Set();
  return {
    Parameter(parameter, ctx) {
      if (!unbounded.includes(parameter.name)) return;
      for (const { node } of schemasWithin(parameter.schema, ctx.location, ctx)) exempt.add(node);
    },
    MediaType(content, ctx) {
      if (ctx.key === 'text/event-stream') exempt.add(content.schema);
    },
    Schema(schema, ctx) {
      if (exempt.has(schema) || 'enum' in schema || 'const' in schema) return;
      const needs = (type, ...words) => {
        if ([schema.type].flat().includes(type) && !words.some((word) => word in schema)) {
          ctx.report({ message: `${type} without ${words[0]}.`, location: ctx.location });
        }
      };
      if (!FIXED_LENGTH.includes(schema.format) && !isBounded(schema.pattern ?? '')) {
        needs('string', 'maxLength');
      }
      needs('array', 'maxItems');
      needs('integer', 'minimum', 'exclusiveMinimum');
      needs('integer', 'maximum', 'exclusiveMaximum');
    },
  };
};

/** A member that a request does not know is refused by our operations and ignored by Webex's. */
const unknownMembers = perOperation(({ operation, report, ctx, location }) => {
  const schema = operation.requestBody?.content?.['application/json']?.schema;
  if (!schema) return;
  for (const { node, location: at } of schemasWithin(schema, location, ctx)) {
    const isClosed = node.additionalProperties === false;
    if (!node.properties || isClosed !== Boolean(operation['x-webex'])) continue;
    report(
      isClosed
        ? `Webex's operations ignore what they do not know, ${at.pointer} refuses it.`
        : `Our operations refuse what they do not know, ${at.pointer} takes it.`,
      ['requestBody'],
    );
  }
});

/** Every POST can be repeated safely. */
const idempotencyKey = perOperation(({ operation, method, report }) => {
  if (method === 'post' && !takes(operation, 'header', 'idempotency-key')) {
    report('A POST takes an Idempotency-Key.');
  }
});

/** What takes `If-Match` shows the version, and so does a GET of the same path. */
const etag = ({ several }) =>
  perOperation(({ operation, method, item, report }) => {
    const isVersioned = (other) => takes(other, 'header', 'if-match');
    const reads = method === 'get' && METHODS.some((name) => isVersioned(item[name]));
    if (several.includes(operation.operationId) || !(reads || isVersioned(operation))) return;
    for (const status of ['200', '201'].filter((status) => operation.responses?.[status])) {
      if (!operation.responses[status].headers?.ETag) {
        report('The ETag is not told.', ['responses', status]);
      }
    }
  })();

/** Headers without which an answer is of no use; a 201 of several things at once shows none. */
const headers = ({ needed }) =>
  perOperation(({ operation, report }) => {
    for (const [status, names] of Object.entries(needed)) {
      const answer = operation.responses?.[status];
      if (status === '201' && !answer?.content) continue;
      for (const name of names.filter((name) => answer && !answer.headers?.[name])) {
        report(`${name} is not told.`, ['responses', status]);
      }
    }
  })();

/** A webhook tells its body and the headers of Standard Webhooks, and what answers mean. */
const webhook = () => ({
  WebhooksMap: {
    PathItem(item, ctx) {
      const location = ctx.location.child('post');
      const report = (message) => ctx.report({ message: `${ctx.key}: ${message}`, location });
      const sent = item.post;
      if (!sent || Object.keys(item).length > 1) return report('A webhook is a POST.');
      for (const name of ['webhook-id', 'webhook-timestamp', 'webhook-signature']) {
        if (!takes(sent, 'header', name)) report(`${name} is not told.`);
      }
      if (!sent.requestBody?.content?.['application/json']) report('It has no body.');
      for (const status of ['204', '410']) {
        if (!sent.responses?.[status]) report(`What ${status} means is not told.`);
      }
    },
  },
});

/** A list in pages links to the next one. */
const link = perOperation(({ operation, report }) => {
  const isPaged = takes(operation, 'query', 'cursor') || takes(operation, 'query', 'start');
  if (isPaged && !operation.responses?.['200']?.headers?.Link) {
    report('A list in pages has a Link.', ['responses']);
  }
});

/** A file is a string of `format: binary`, which is what generators of clients understand. */
const file = () => ({
  MediaType(content, ctx) {
    if (!/json|multipart|text/.test(ctx.key) && content.schema?.format !== 'binary') {
      ctx.report({ message: 'A file has format: binary.', location: ctx.location });
    }
  },
  Schema(schema, ctx) {
    if (schema.contentMediaType || schema.contentEncoding) {
      ctx.report({ message: 'A file has format: binary.', location: ctx.location });
    }
  },
});

export default () => ({
  id: 'pstn',
  rules: {
    oas3: {
      example,
      refusals,
      problem,
      'no-schema-of-the-framework': noSchemaOfTheFramework,
      bounded,
      'unknown-members': unknownMembers,
      'idempotency-key': idempotencyKey,
      etag,
      headers,
      link,
      webhook,
      file,
    },
  },
});
