--- Keys that do something where there is something to do, and are what they were before everywhere else.
local options = require('copilot_ls.options')

local M = {}

-- What a key was before we mapped it, by mode and key.
local before = {}
-- What we have mapped: { {mode, lhs} }.
local ours = {}

local OURS = 'copilot-ls: '

--- Do what the key did before: the mapping that it had, or the key itself.
local function press_as_before(mode, lhs)
  local was = before[mode .. lhs]
  if not was or vim.tbl_isempty(was) then
    vim.api.nvim_feedkeys(vim.keycode(lhs), 'in', false)
    return
  end
  local keys = was.rhs
  if was.callback then
    local answer = was.callback()
    if was.expr ~= 1 then
      return
    end
    keys = answer or ''
  elseif was.expr == 1 then
    keys = vim.api.nvim_eval(was.rhs)
  end
  if type(keys) == 'string' and keys ~= '' then
    if was.expr ~= 1 or was.replace_keycodes == 1 then
      keys = vim.keycode(keys)
    end
    vim.api.nvim_feedkeys(keys, was.noremap == 1 and 'in' or 'im', false)
  end
end

--- `act(otherwise)` returns whether there was something to do; `otherwise` is for what turns out only later.
local function map(mode, lhs, what, act)
  local was = vim.fn.maparg(lhs, mode, false, true)
  if not vim.startswith(was.desc or '', OURS) and was.buffer ~= 1 then
    before[mode .. lhs] = was
  end
  local function otherwise()
    press_as_before(mode, lhs)
  end
  vim.keymap.set(mode, lhs, function()
    if not act(otherwise) then
      otherwise()
    end
  end, { desc = OURS .. what })
  ours[#ours + 1] = { mode, lhs }
end

--- Take back what was mapped.
function M.clear()
  for _, each in ipairs(ours) do
    local mode, lhs = unpack(each)
    if vim.startswith(vim.fn.maparg(lhs, mode, false, true).desc or '', OURS) then
      vim.keymap.del(mode, lhs)
      local was = before[mode .. lhs]
      if was and not vim.tbl_isempty(was) then
        vim.fn.mapset(mode, false, was)
      end
    end
    before[mode .. lhs] = nil
  end
  ours = {}
end

--- Map the keys of the options.
function M.set()
  M.clear()
  local keymaps = options.current.keymaps or {}
  local function for_key(mode, name, what, act)
    if keymaps[name] then
      map(mode, keymaps[name], what, act)
    end
  end
  local function ghost_text(name, ...)
    return require('copilot_ls.ghost_text')[name](...)
  end
  for_key('i', 'accept', 'accept ghost text, or the next edit', function(otherwise)
    return require('copilot_ls').accept(otherwise)
  end)
  for_key('i', 'accept_word', 'accept a word', function(otherwise)
    return ghost_text('accept_word', otherwise)
  end)
  for_key('i', 'accept_line', 'accept a line', function(otherwise)
    return ghost_text('accept_line', otherwise)
  end)
  for_key('i', 'next', 'next candidate', function()
    return ghost_text('step', 1)
  end)
  for_key('i', 'previous', 'previous candidate', function()
    return ghost_text('step', -1)
  end)
  for_key('i', 'dismiss', 'dismiss', function()
    return require('copilot_ls').dismiss()
  end)
  if options.current.next_edit then
    for_key('n', 'accept', 'go to the next edit, or make it', function()
      return require('copilot_ls.next_edit').accept()
    end)
    for_key('n', 'dismiss', 'dismiss the next edit', function()
      return require('copilot_ls.next_edit').reject()
    end)
  end
end

return M
