--- The options of the plug-in: defaults, what the user set, and what is wrong with it.
---
--- They come from `vim.g.copilot_ls` (a table, or false) or from `require('copilot_ls').setup{…}`. Settings of the server are
--- something else: they stand under `vim.lsp.config('copilot_ls', { settings = … })`.
local M = {}

---@class copilot_ls.Keymaps A key for each, or false for none. Each is the ordinary key where there is nothing to do for it.
---@field accept string|false ghost text whole, or the next edit
---@field accept_word string|false
---@field accept_line string|false
---@field next string|false the next candidate; asks for more where there is one alone
---@field previous string|false
---@field dismiss string|false ghost text or next edit

---@class copilot_ls.Options
---@field cmd? string[] the server; found by itself if not set
---@field keymaps copilot_ls.Keymaps|false
---@field next_edit boolean whether the next edit is asked for and shown
---@field quick boolean whether ghost text is asked for at once, instead of 200 ms after a key
local DEFAULTS = {
  keymaps = {
    accept = '<Tab>',
    accept_word = '<C-Right>',
    accept_line = '<C-Down>',
    next = '<M-]>',
    previous = '<M-[>',
    dismiss = '<C-]>',
  },
  next_edit = true,
  quick = true,
}

--- What applies now.
---@type copilot_ls.Options
M.current = vim.deepcopy(DEFAULTS)

local EXPECTED = {
  cmd = 'a list of strings',
  keymaps = 'a table, or false',
  next_edit = 'true or false',
  quick = 'true or false',
}

local function is_strings(value)
  return vim.islist(value)
    and #value > 0
    and vim.iter(value):all(function(each)
      return type(each) == 'string'
    end)
end

local function fits(name, value)
  if name == 'cmd' then
    return type(value) == 'table' and is_strings(value)
  elseif name == 'keymaps' then
    return value == false or type(value) == 'table'
  end
  return type(value) == 'boolean'
end

--- What is wrong with options, one sentence each. Each names the option, the value and what was expected.
---@param given table
---@return string[]
function M.faults(given)
  local faults = {}
  for name, value in vim.spairs(given) do
    if not EXPECTED[name] then
      local known = table.concat(vim.tbl_keys(EXPECTED), ', ')
      faults[#faults + 1] = ('option %s is not known; there are %s'):format(name, known)
    elseif not fits(name, value) then
      faults[#faults + 1] = ('option %s is %s, but must be %s'):format(name, vim.inspect(value), EXPECTED[name])
    elseif name == 'keymaps' and value then
      for key, lhs in vim.spairs(value) do
        if not DEFAULTS.keymaps[key] then
          local known = table.concat(vim.tbl_keys(DEFAULTS.keymaps), ', ')
          faults[#faults + 1] = ('option keymaps.%s is not known; there are %s'):format(key, known)
        elseif lhs ~= false and type(lhs) ~= 'string' then
          faults[#faults + 1] = ('option keymaps.%s is %s, but must be a key, or false'):format(key, vim.inspect(lhs))
        end
      end
    end
  end
  return faults
end

--- Take over the options that are right, over the defaults; the faults of the others.
---@param given? table
---@return string[] faults
function M.apply(given)
  given = given or {}
  local faults = M.faults(given)
  local keymaps = given.keymaps == false and {} or DEFAULTS.keymaps
  M.current = vim.deepcopy(DEFAULTS)
  for name in pairs(EXPECTED) do
    if given[name] ~= nil and name ~= 'keymaps' and fits(name, given[name]) then
      M.current[name] = given[name]
    end
  end
  M.current.keymaps = {}
  for name, default in pairs(keymaps) do
    local lhs = vim.tbl_get(given, 'keymaps', name)
    if lhs == nil or (lhs ~= false and type(lhs) ~= 'string') then
      lhs = default
    end
    M.current.keymaps[name] = lhs
  end
  return faults
end

return M
