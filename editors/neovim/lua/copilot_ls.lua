--- copilot-ls in Neovim 0.12 or later: what a user's configuration calls.
---
--- On the runtime path, the plug-in starts by itself (plugin/copilot_ls.lua); `setup` is for those who want something else.
--- What stands behind each function is loaded when it is first needed.
local M = {}

local started = false

--- Start the server for what is opened, ask for ghost text, and map the keys. A second call only changes the options.
---@param options? table see copilot_ls.Options
function M.setup(options)
  for _, fault in ipairs(require('copilot_ls.options').apply(options)) do
    vim.notify('copilot-ls: ' .. fault, vim.log.levels.WARN)
  end
  if options and options.cmd then
    vim.lsp.config('copilot_ls', { cmd = require('copilot_ls.client').cmd() })
  end
  require('copilot_ls.keymaps').set()
  if not started then
    started = true
    require('copilot_ls.start')()
  end
  if package.loaded['copilot_ls.next_edit'] or require('copilot_ls.options').current.next_edit then
    require('copilot_ls.next_edit').follow()
  end
end

--- Whether `setup` has been called, by the user or by the plug-in itself.
---@return boolean
function M.is_set_up()
  return started
end

--- Accept the ghost text, or else go to the next edit, or make it when the cursor is there; false when there is neither.
---@param otherwise? string|fun() the key to press, or what to call, when what is shown no longer fits
---@return boolean
function M.accept(otherwise)
  local ghost_text = require('copilot_ls.ghost_text')
  if ghost_text.is_shown() then
    return ghost_text.accept(otherwise)
  end
  return require('copilot_ls.next_edit').accept()
end

--- Accept the next word of the ghost text; false when there is none.
---@param otherwise? string|fun()
---@return boolean
function M.accept_word(otherwise)
  return require('copilot_ls.ghost_text').accept_word(otherwise)
end

--- Accept the ghost text up to the end of the line; false when there is none.
---@param otherwise? string|fun()
---@return boolean
function M.accept_line(otherwise)
  return require('copilot_ls.ghost_text').accept_line(otherwise)
end

--- Show the next candidate, or the previous with -1; false when there is no ghost text.
---@param count? integer
---@return boolean
function M.next(count)
  return require('copilot_ls.ghost_text').step(count)
end

--- Dismiss ghost text or the next edit, and tell the server; false when neither is shown.
---@return boolean
function M.dismiss()
  return require('copilot_ls.ghost_text').dismiss() or require('copilot_ls.next_edit').reject()
end

--- A few words for a status line: 'copilot-ls', with ' …' while it works, ' off', or ' !' when something is wrong.
---@return string
function M.status()
  return require('copilot_ls.status').component()
end

return M
