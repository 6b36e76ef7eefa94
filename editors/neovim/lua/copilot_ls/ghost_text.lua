--- Accepting ghost text whole, by word or by line.
---
--- Until Neovim has a new answer, it shows the old one, shortened by what was typed. Its own
--- `vim.lsp.inline_completion.get()` puts the old one at its old place even so: type on, accept at once, and what was
--- typed on stands there twice. Here the ghost text is accepted as it is seen, or not at all when typing went another way.
local completor = require('copilot_ls.completor')

local M = {}

-- Where the cursor was, as {row, byte column}, when the answer that is now shown was asked for, by buffer; and the same for
-- the requests under way, by client and request.
local asked_at = {}
local under_way = {}

--- From now on, remember where the cursor was.
function M.follow()
  local group = vim.api.nvim_create_augroup('copilot_ls.ghost_text', {})
  vim.api.nvim_create_autocmd('LspRequest', {
    group = group,
    callback = function(args)
      local request = args.data.request
      if request.method ~= 'textDocument/inlineCompletion' then
        return
      end
      local id = args.data.client_id .. '/' .. args.data.request_id
      if request.type == 'pending' then
        local cursor = vim.api.nvim_win_get_cursor(0)
        under_way[id] = { cursor[1] - 1, cursor[2] }
      else
        if request.type == 'complete' then
          asked_at[request.bufnr] = under_way[id]
        end
        under_way[id] = nil
      end
    end,
  })
  vim.api.nvim_create_autocmd('BufWipeout', {
    group = group,
    callback = function(args)
      asked_at[args.buf] = nil
    end,
  })
end

--- Whether there is ghost text on the screen.
---@return boolean
function M.is_shown()
  local namespace = vim.api.nvim_get_namespaces()['nvim.lsp.inline_completion']
  return namespace ~= nil and #vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, { limit = 1 }) > 0
end

--- What of `item` is still to be inserted at the cursor, how many bytes behind the cursor it replaces, and what of it has
--- been typed; nil when that disagrees with it.
local function remainder(item)
  local row, column, end_row, end_column = item.range:to_extmark()
  local cursor = vim.api.nvim_win_get_cursor(0)
  local asked = asked_at[vim.api.nvim_get_current_buf()] or { row, cursor[2] }
  if row ~= cursor[1] - 1 or end_row ~= row or asked[1] ~= row or cursor[2] < asked[2] then
    return nil
  end
  local typed = vim.api.nvim_get_current_line():sub(column + 1, cursor[2])
  if item.insert_text:sub(1, #typed) ~= typed then
    return nil
  end
  return item.insert_text:sub(#typed + 1), math.max(end_column - asked[2], 0), typed
end

local function insert(text, replaced)
  local row, column = unpack(vim.api.nvim_win_get_cursor(0))
  local lines = vim.split(text, '\n', { plain = true })
  vim.api.nvim_buf_set_text(0, row - 1, column, row - 1, column + replaced, lines)
  local last = #lines[#lines]
  vim.api.nvim_win_set_cursor(0, { row + #lines - 1, #lines == 1 and column + last or last })
end

--- Tell the server that the first part of the item's text has been taken: all of it so far, in utf-16 units.
local function tell_part(item, taken)
  local attached = vim.lsp.get_client_by_id(item.client_id)
  if attached and item.command then
    attached:notify('textDocument/didPartiallyAcceptCompletion', {
      item = { insertText = item.insert_text, command = item.command },
      acceptedLength = vim.str_utfindex(taken, 'utf-16'),
    })
  end
end

--- Accept as much of the ghost text as `length_of(text)` says, in bytes, and run its command when that is all of it.
--- `otherwise` is called, or pressed, when it turns out not to fit any more what was typed.
local function accept(otherwise, length_of)
  return vim.lsp.inline_completion.get({
    on_accept = function(item)
      if type(item.insert_text) ~= 'string' or not item.range then
        return item
      end
      local text, replaced, typed = remainder(item)
      if not text or text == '' then
        if type(otherwise) == 'function' then
          otherwise()
        else
          vim.api.nvim_feedkeys(vim.keycode(otherwise or ''), 'ni', false)
        end
        return nil
      end
      local length = length_of(text)
      if length < #text and replaced == 0 then
        insert(text:sub(1, length), 0)
        tell_part(item, typed .. text:sub(1, length))
        return nil
      end
      insert(text, replaced)
      local attached = vim.lsp.get_client_by_id(item.client_id)
      if item.command and attached then
        attached:exec_cmd(item.command, { bufnr = 0 })
      end
      return nil
    end,
  })
end

--- Accept the whole ghost text; false when there is none.
---@param otherwise? string|fun()
---@return boolean
function M.accept(otherwise)
  return accept(otherwise, function(text)
    return #text
  end)
end

--- Accept its next word, with the blanks and the punctuation before it.
---@param otherwise? string|fun()
---@return boolean
function M.accept_word(otherwise)
  return accept(otherwise, function(text)
    local _, stop = text:find('^[^%w_\128-\255]*[%w_\128-\255]+')
    return stop or #text
  end)
end

--- Accept it up to the end of the line, or the next line when this one is complete.
---@param otherwise? string|fun()
---@return boolean
function M.accept_line(otherwise)
  return accept(otherwise, function(text)
    local stop = text:find('\n', 2, true)
    return stop and stop - 1 or #text
  end)
end

--- Show the next candidate; false when there is no ghost text.
---@param count? integer
---@return boolean
function M.step(count)
  local shown = M.is_shown()
  if shown then
    completor.step(count or 1)
  end
  return shown
end

--- Dismiss it; false when there is none.
---@return boolean
function M.dismiss()
  local shown = M.is_shown()
  if shown then
    completor.dismiss()
  end
  return shown
end

return M
