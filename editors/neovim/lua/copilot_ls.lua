--- Accepting ghost text whole, by word or by line, for `expr` mappings in insert mode.
---
--- Each function returns false when there is no ghost text, so that a mapping can fall back on the key itself:
---   vim.keymap.set('i', '<Tab>', function() return copilot_ls.accept() and '' or '<Tab>' end, { expr = true })
local M = {}

--- Bytes of `item.insert_text` that stand in the buffer already: from the start of its range to the cursor.
local function typed_bytes(item)
  local cursor = vim.api.nvim_win_get_cursor(0)
  if not item.range then
    return 0
  end
  local row, column, end_row, end_column = item.range:to_extmark()
  -- A range that reaches past the cursor replaces text: that can be done only in one go.
  if row ~= cursor[1] - 1 or end_row ~= row or end_column > cursor[2] then
    return nil
  end
  return cursor[2] - column
end

--- Accept as much of the ghost text as `length_of(rest)` says, in bytes.
local function accept_part(length_of)
  return vim.lsp.inline_completion.get({
    on_accept = function(item)
      local text = item.insert_text
      local typed = type(text) == 'string' and typed_bytes(item)
      if not typed then
        return item
      end
      local rest = text:sub(typed + 1)
      local length = length_of(rest)
      if length > 0 and length < #rest then
        item.insert_text = text:sub(1, typed + length)
        -- The command says that all of it was accepted. The server sees the part by the edit itself.
        item.command = nil
      end
      return item
    end,
  })
end

--- Accept the whole ghost text.
function M.accept()
  return vim.lsp.inline_completion.get()
end

--- Accept its next word, with the blanks or the punctuation before it.
function M.accept_word()
  return accept_part(function(rest)
    local _, stop = rest:find('^[^%w_\128-\255]*[%w_\128-\255]+')
    return stop or #rest
  end)
end

--- Accept it up to the end of the line; the line break alone when the line is complete.
function M.accept_line()
  return accept_part(function(rest)
    local stop = rest:find('\n', 1, true)
    return stop and math.max(stop - 1, 1) or #rest
  end)
end

return M
