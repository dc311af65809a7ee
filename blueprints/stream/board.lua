-- Applies events to the board, all or nothing, and publishes them.
--
-- KEYS  1 the board (a hash: if any of it is lost, all of it is, and we notice)
--       2 the log of published events (a stream whose ids are our own dense `seq`)
--       3 events that wait to be merged with others of the same moment (a list)
--       4 prefix of the bitmaps that remember which outbox rows were applied
-- ARGV  1 channel declarations, JSON   2 milliseconds between merged publications
--       3 how many events the log keeps   4… events, JSON each
-- Gives {'ok', milliseconds until what waits is due (-1: nothing waits), ids…}
-- or {'lost', why, epoch or '', the day an event has that the board has not reached, or ''}
local board, log, waiting, applied = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local channels = cjson.decode(ARGV[1])
local interval, log_size = tonumber(ARGV[2]), tonumber(ARGV[3])
local SEGMENT_BITS = 65536
local DAY_SECONDS = 86400

local state = redis.call('HMGET', board, 'epoch', 'day', 'segment', 'flushed', 'waiting')
local epoch, day, segment, flushed = state[1], state[2], state[3], tonumber(state[4] or 0)

local function lost(why, new_day) return {'lost', why, epoch or '', new_day or ''} end

if not epoch then return lost('no board') end
-- A Redis that is full may drop any one key.
if segment and redis.call('EXISTS', applied .. segment) == 0 then
  return lost('the memory of applied events is gone')
end
if redis.call('LLEN', waiting) ~= tonumber(state[5] or 0) then
  return lost('events that waited are gone')
end

local events = {}
for i = 4, #ARGV do
  local event = cjson.decode(ARGV[i])
  if event.day and event.day > day then return lost('a new day has begun', event.day) end
  events[#events + 1] = event
end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- 123450 minor units with 2 digits as 1234.5: built from the integer, so no digit is lost.
local function major_units(minor, digits)
  local value = tonumber(minor)
  local text = string.format('%.0f', math.abs(value))
  if digits > 0 then
    text = string.rep('0', digits + 1 - #text) .. text
    local fraction = string.gsub(string.sub(text, -digits), '0+$', '')
    text = string.sub(text, 1, -digits - 1)
    if fraction ~= '' then text = text .. '.' .. fraction end
  end
  return (value < 0 and '-' or '') .. text
end

local function is_new(id)
  local current = math.floor(id / SEGMENT_BITS)
  if redis.call('SETBIT', applied .. current, id % SEGMENT_BITS, 1) == 1 then return false end
  if not segment or current > tonumber(segment) then
    -- The one before is still needed by events under way; older ones are not.
    if segment then redis.call('EXPIRE', applied .. segment, DAY_SECONDS) end
    segment = tostring(current)
    redis.call('HSET', board, 'segment', segment)
  end
  return true
end

-- Keeps the `size` items of highest position; `recent:<name>` lists their keys, newest first.
local function trim_recent(field, event)
  local order, keys, positions = 'recent:' .. field.name, {}, {}
  for key, position in string.gmatch(redis.call('HGET', board, order) or '', '([^,=]+)=(%d+)') do
    keys[#keys + 1] = key
    positions[key] = tonumber(position)
  end
  if not positions[event.key] then
    keys[#keys + 1] = event.key
    positions[event.key] = event.position
    table.sort(keys, function(a, b) return positions[a] > positions[b] end)
  end
  if #keys > field.size then
    redis.call('HDEL', board, 'item:' .. field.name .. ':' .. table.remove(keys))
  end
  local parts = {}
  for i, key in ipairs(keys) do parts[i] = key .. '=' .. string.format('%.0f', positions[key]) end
  redis.call('HSET', board, order, table.concat(parts, ','))
end

-- Keeps an item. False if the board has this or a newer version of it already.
local function keep(field, event)
  local name = 'item:' .. field.name .. ':' .. event.key
  local known = redis.call('HGET', board, name)
  if known and tonumber(string.match(known, '^%d+')) >= event.version then return false end
  redis.call('HSET', board, name, string.format('%.0f', event.version) .. '|' .. event.item)
  if field.kind == 'recent' then trim_recent(field, event) end
  return true
end

local function publish(name, raw, parts)
  local channel = channels[name]
  local seq = redis.call('HINCRBY', board, 'seq', 1)
  local id = epoch .. '-' .. string.format('%.0f', seq)
  table.insert(parts, 1, '"timestamp":' .. string.format('%.0f', now))
  for _, counter in ipairs(channel and channel.shows or {}) do
    local value = redis.call('HGET', board, 'counter:' .. counter.name) or 0
    parts[#parts + 1] = '"' .. counter.name .. '":' .. major_units(value, counter.digits)
  end
  local text = '{"eventId":"' .. id .. '",' .. (raw and '"raw":true,' or '')
    .. table.concat(parts, ',') .. '}'
  redis.call('XADD', log, 'MAXLEN', '~', log_size, string.format('%.0f', seq) .. '-0',
    'channel', name, 'data', text)
  redis.call('PUBLISH', 'metrics:' .. name, text)
  return id
end

local function publish_merged(group, items)
  local gather = channels[group.channel].gather
  local parts = {}
  if group.head ~= '' then parts[1] = group.head end
  parts[#parts + 1] = '"' .. gather.item .. '":' .. items[1]
  parts[#parts + 1] = '"' .. gather.into .. '":[' .. table.concat(items, ',') .. ']'
  if gather.count then parts[#parts + 1] = '"' .. gather.count .. '":' .. group.count end
  publish(group.channel, false, parts)
end

-- All that waits, merged: one event for each channel and type. Of counted items the newest are
-- enough; of others each one has to be told, in as many events as that takes.
local function flush()
  local groups, names = {}, {}
  for arrival, text in ipairs(redis.call('LRANGE', waiting, 0, -1)) do
    local event = cjson.decode(text)
    local name = event.channel .. ' ' .. event.head
    if not groups[name] then
      groups[name] = {channel = event.channel, head = event.head, count = 0, items = {}, seen = {}}
      names[#names + 1] = name
    end
    local group = groups[name]
    event.position = event.position or arrival
    group.count = group.count + 1
    if group.seen[event.key] then
      group.items[group.seen[event.key]] = event
    else
      group.items[#group.items + 1] = event
      group.seen[event.key] = #group.items
    end
  end
  redis.call('DEL', waiting)
  for _, name in ipairs(names) do
    local group = groups[name]
    local channel = channels[group.channel]
    local gather, field = channel.gather, channel.field
    table.sort(group.items, function(a, b) return a.position > b.position end)
    local last = gather.count and math.min(#group.items, gather.limit) or #group.items
    local items = {}
    for i = 1, last do
      local event = group.items[i]
      local kept = field and redis.call('HGET', board, 'item:' .. field.name .. ':' .. event.key)
      items[#items + 1] = kept and string.match(kept, '^%d+|(.*)$') or event.item
      if #items == gather.limit or i == last then
        publish_merged(group, items)
        items = {}
      end
    end
  end
  redis.call('HSET', board, 'flushed', string.format('%.0f', now), 'waiting', 0)
end

local ids = {}
for i, event in ipairs(events) do
  if not event.id or is_new(event.id) then
    local channel = channels[event.channel]
    -- What belongs to a day that is over no longer changes today's counters.
    if event.day == day then
      for name, by in pairs(event.add or {}) do
        redis.call('HINCRBY', board, 'counter:' .. name, string.format('%.0f', by))
      end
    end
    for name, value in pairs(event.set or {}) do
      redis.call('HSET', board, 'value:' .. name, value)
    end
    local newest = true
    local field = channel and channel.field
    if field and event.key then newest = keep(field, event) end
    -- An item older than the board's is no news, but what it adds to counters is.
    if event.key and channel.gather and (newest or event.add) then
      redis.call('HSET', board, 'waiting', redis.call('RPUSH', waiting, ARGV[i + 3]))
    elseif newest then
      ids[#ids + 1] = publish(event.channel, event.raw, event.head ~= '' and {event.head} or {})
    end
  end
end

local due = -1
if redis.call('EXISTS', waiting) == 1 then
  due = flushed + interval - now
  -- A clock set back must not hold events for as long as it was set back.
  if due <= 0 or due > interval then
    flush()
    due = -1
  end
end
return {'ok', due, unpack(ids)}
