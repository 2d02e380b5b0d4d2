"""The programs that run inside Redis: apply a batch, read a page or a place, swap. Each is one atomic round trip.

All keys are under `<prefix><generation>:`. Which generation is live stands in `<prefix>generation`, so a rebuild can be
made beside the live one and swapped in by one SET:

- `order:<id>`, a hash: the receipt as JSON, which Redis never looks into (its JSON library would turn an empty list
  into an object and round large numbers), beside the few fields that change;
- `index:<customer>:<status>:<product>`, a sorted set of order ids by the time they were placed, one for each
  combination of filters with "" for any: every page is a range of ranks, however long the history;
- `totals:<customer>`, a hash: `<year>:orders`, and `<year>:<currency>` for what was spent;
- `erased`, a set of customers; `places` and `meta`, hashes: how far each subscription is, how fresh the whole is.

`<prefix>beside` names the generation that is being made, `<prefix>retired` the one that a swap has left to be removed.

Redis does not roll back a script that fails half way. So everything is parsed before the first write, nothing after
it can fail on data, and a batch that is applied twice changes nothing.
"""

APPLY = """
local batch = cjson.decode(ARGV[1])
local generation = batch.generation or redis.call('GET', KEYS[1] .. 'generation') or 'g1'
local root = KEYS[1] .. generation .. ':'

if batch.subscription then
  local place = redis.call('HGET', root .. 'places', batch.subscription)
  local position = place and tonumber(string.match(place, '^%d+')) or 0
  if position ~= batch.after then return position end
end

local function indexes(customer, status, products)
  local keys = {root .. 'index:' .. customer .. ':' .. status .. ':'}
  for product in string.gmatch(products, '%S+') do
    keys[#keys + 1] = root .. 'index:' .. customer .. ':' .. status .. ':' .. product
  end
  return keys
end

local function spent(status, total, refunded)
  if status == 'cancelled' then return 0 end
  return total - refunded
end

local function add(change)
  local key = root .. 'order:' .. change.order_id
  local customer = change.customer_id
  if redis.call('EXISTS', key) == 1 or redis.call('SISMEMBER', root .. 'erased', customer) == 1 then return end
  local products = table.concat(change.products, ' ')
  redis.call('HSET', key, 'version', change.version, 'customer', customer, 'status', 'placed',
    'placed_ms', string.format('%.0f', change.placed_ms), 'year', change.year, 'currency', change.currency,
    'total', string.format('%.0f', change.total_cents), 'refunded', 0, 'products', products,
    'receipt', change.receipt, 'explanation', '', 'carrier', '', 'tracking_number', '')
  for _, status in ipairs({'', 'placed'}) do
    for _, index in ipairs(indexes(customer, status, products)) do
      redis.call('ZADD', index, string.format('%.0f', change.placed_ms), change.order_id)
    end
  end
  redis.call('HINCRBY', root .. 'totals:' .. customer, change.year .. ':orders', 1)
  redis.call('HINCRBY', root .. 'totals:' .. customer, change.year .. ':' .. change.currency,
    string.format('%.0f', change.total_cents))
end

local function update(change)
  local key = root .. 'order:' .. change.order_id
  local old = redis.call('HMGET', key, 'version', 'customer', 'status', 'placed_ms', 'year', 'currency', 'total',
    'refunded', 'products')
  if not old[1] or tonumber(old[1]) >= change.version then return end
  local customer, status, products = old[2], change.status or old[3], old[9]
  local refunded = change.refunded_cents or tonumber(old[8])
  redis.call('HSET', key, 'version', change.version, 'status', status, 'refunded', string.format('%.0f', refunded))
  for _, field in ipairs({'explanation', 'carrier', 'tracking_number', 'said'}) do
    if change[field] then redis.call('HSET', key, field, change[field]) end
  end
  if status ~= old[3] then
    for _, index in ipairs(indexes(customer, old[3], products)) do redis.call('ZREM', index, change.order_id) end
    for _, index in ipairs(indexes(customer, status, products)) do
      redis.call('ZADD', index, old[4], change.order_id)
    end
  end
  local total = tonumber(old[7])
  local difference = spent(status, total, refunded) - spent(old[3], total, tonumber(old[8]))
  if difference ~= 0 then
    redis.call('HINCRBY', root .. 'totals:' .. customer, old[5] .. ':' .. old[6], string.format('%.0f', difference))
  end
end

local function erase(change)
  local customer = change.customer_id
  redis.call('SADD', root .. 'erased', customer)
  for _, order in ipairs(redis.call('ZRANGE', root .. 'index:' .. customer .. '::', 0, -1)) do
    local key = root .. 'order:' .. order
    local known = redis.call('HMGET', key, 'status', 'products')
    for _, status in ipairs({'', known[1]}) do
      for _, index in ipairs(indexes(customer, status, known[2])) do redis.call('ZREM', index, order) end
    end
    redis.call('DEL', key)
  end
  redis.call('DEL', root .. 'totals:' .. customer)
end

local act = {add = add, update = update, erase = erase}
for _, change in ipairs(batch.changes) do act[change.type](change) end

if not batch.generation then redis.call('SET', KEYS[1] .. 'generation', generation) end
local as_of = tonumber(redis.call('HGET', root .. 'meta', 'as_of') or 0)
if batch.as_of_ms > as_of then redis.call('HSET', root .. 'meta', 'as_of', string.format('%.0f', batch.as_of_ms)) end
if batch.late then redis.call('HSET', root .. 'meta', 'late', string.format('%.0f', batch.at_ms)) end
if batch.at_ms then
  local pages = root .. 'pages:' .. batch.subscription
  redis.call('ZADD', pages, string.format('%.0f', batch.upto),
    string.format('%.0f %.0f %.0f', batch.after, batch.upto, batch.at_ms))
  redis.call('ZREMRANGEBYRANK', pages, 0, -batch.pages_kept - 1)
end
if batch.subscription then
  redis.call('HSET', root .. 'places', batch.subscription, string.format('%.0f %s', batch.upto, batch.digest))
end
return -1
"""

PAGE = """
local query = cjson.decode(ARGV[1])
local generation = query.generation or redis.call('GET', KEYS[1] .. 'generation')
if not generation then return false end
local root = KEYS[1] .. generation .. ':'
local from, before = query.from_ms, '(' .. query.before_ms

local function index(status) return root .. 'index:' .. query.customer_id .. ':' .. status .. ':' .. query.product end

local shown = index(query.status)
local count = redis.call('ZCOUNT', shown, from, before)
local pages = math.max(1, math.ceil(count / query.size))
local page = math.min(query.page, pages)
local newer = redis.call('ZCOUNT', shown, query.before_ms, '+inf')
local first = newer + (page - 1) * query.size
local last = math.min(first + query.size, newer + count) - 1
local orders = {}
if last >= first then
  for _, order in ipairs(redis.call('ZREVRANGE', shown, first, last)) do
    local known = redis.call('HMGET', root .. 'order:' .. order, 'receipt', 'status', 'refunded', 'explanation',
      'carrier', 'tracking_number', 'said')
    table.insert(known, 1, order)
    orders[#orders + 1] = known
  end
end
local by_status = {}
for _, status in ipairs(query.statuses) do
  by_status[#by_status + 1] = redis.call('ZCOUNT', index(status), from, before)
end
local missing = {}
for _, awaited in ipairs(query.awaited) do
  local version = redis.call('HGET', root .. 'order:' .. awaited[1], 'version')
  if tonumber(version or 0) < awaited[2] then missing[#missing + 1] = awaited[1] end
end
return {count, page, pages, orders, redis.call('HGETALL', root .. 'totals:' .. query.customer_id), by_status,
  redis.call('HMGET', root .. 'meta', 'as_of', 'late'), missing}
"""

# One step: the generation may be swapped between two.
PLACE = """
local generation = ARGV[1]
if generation == '' then generation = redis.call('GET', KEYS[1] .. 'generation') or 'g1' end
return redis.call('HGET', KEYS[1] .. generation .. ':places', ARGV[2])
"""

# Deliveries cannot be kept waiting here. So both generations must have received the same, and the swap checks it.
SWAP = """
local live, beside = redis.call('GET', KEYS[1] .. 'generation') or 'g1', ARGV[1]
if redis.call('GET', KEYS[1] .. 'beside') ~= beside then return 'lost' end
local seen = 0
local places = redis.call('HGETALL', KEYS[1] .. live .. ':places')
for at = 1, #places, 2 do
  local other = redis.call('HGET', KEYS[1] .. beside .. ':places', places[at])
  if other ~= places[at + 1] then return 'moved' end
  seen = seen + 1
end
for _, place in ipairs(redis.call('HVALS', KEYS[1] .. beside .. ':places')) do
  if tonumber(string.match(place, '^%d+')) > 0 then seen = seen - 1 end
end
if seen < 0 then return 'moved' end
redis.call('SET', KEYS[1] .. 'retired', live)
redis.call('SET', KEYS[1] .. 'generation', beside)
redis.call('DEL', KEYS[1] .. 'beside')
return 'swapped'
"""
