--- The next edit: the server is asked, after a change, where the change just made asks for another; it is drawn, and one key
--- goes there and then makes it.
---
--- The requests are those of GitHub's protocol (`textDocument/copilotInlineEdit`, `textDocument/didShowInlineEdit`); what is an
--- edit worth showing is the server's to say. An edit is for one version of its document: any change ends it, and asks anew.
local client = require('copilot_ls.client')
local drawing = require('copilot_ls.next_edit.drawing')

local M = {}

-- After the last change, in milliseconds: not between two keys of one word.
local QUIET_MS = 150

---@class copilot_ls.NextEdit
---@field client_id integer
---@field bufnr integer the buffer that it is in; not loaded, perhaps
---@field from integer the buffer that it was asked for
---@field tick integer of `from`, when it was asked for
---@field change? copilot_ls.Change where `bufnr` is loaded
---@field edit table as the server sent it

---@type copilot_ls.NextEdit?
local current
local timer
local asked = 0
-- The server does not know the request: asked once, and no more.
local unknown = {}

local function clear()
  if current then
    drawing.clear(current.bufnr)
    drawing.clear(current.from)
    current = nil
  end
end

local function tell(edit, attached)
  attached:notify('textDocument/didShowInlineEdit', { item = { command = edit.command } })
end

local function change_of(bufnr, edit, encoding)
  local range = edit.range
  local function byte(position)
    local line = vim.api.nvim_buf_get_lines(bufnr, position.line, position.line + 1, false)[1] or ''
    return vim.str_byteindex(line, encoding, position.character, false)
  end
  local n_lines = vim.api.nvim_buf_line_count(bufnr)
  local lines = vim.split(edit.text, '\n', { plain = true })
  local change = {
    start_row = range.start.line,
    start_col = byte(range.start),
    end_row = range['end'].line,
    end_col = byte(range['end']),
    lines = lines,
  }
  -- The end of the text may be the line after the last: in a buffer that is the end of the last one.
  if change.end_row >= n_lines then
    local last = vim.api.nvim_buf_get_lines(bufnr, n_lines - 1, n_lines, false)[1] or ''
    change.end_row, change.end_col = n_lines - 1, #last
    if change.start_row >= n_lines then
      change.start_row, change.start_col = n_lines - 1, #last
      table.insert(lines, 1, '')
    end
    if lines[#lines] == '' then
      table.remove(lines)
    end
  end
  return change
end

local function key_of_accept()
  local keymaps = require('copilot_ls.options').current.keymaps or {}
  return keymaps.accept or 'accept'
end

--- Whether a row of the buffer can be seen in the current window.
local function is_visible(row)
  return row + 1 >= vim.fn.line('w0') and row + 1 <= vim.fn.line('w$')
end

local function draw()
  local here = vim.api.nvim_get_current_buf()
  drawing.clear(current.bufnr)
  drawing.clear(current.from)
  if current.change then
    drawing.draw(current.bufnr, current.change)
  end
  if current.bufnr ~= here or not is_visible(current.edit.range.start.line) then
    local row = vim.api.nvim_win_get_cursor(0)[1] - 1
    local line = current.edit.range.start.line + 1
    local place = current.bufnr == here and 'line ' .. line
      or ('%s:%d'):format(vim.fn.fnamemodify(vim.api.nvim_buf_get_name(current.bufnr), ':~:.'), line)
    drawing.hint(here, row, ('%s goes to the next edit, %s'):format(key_of_accept(), place))
  end
end

local function offer(edit, attached, from, tick)
  clear()
  local bufnr = vim.uri_to_bufnr(edit.textDocument.uri)
  current = { client_id = attached.id, bufnr = bufnr, from = from, tick = tick, edit = edit }
  if vim.api.nvim_buf_is_loaded(bufnr) then
    current.change = change_of(bufnr, edit, attached.offset_encoding)
  end
  draw()
  tell(edit, attached)
end

--- Ask for the next edit now.
function M.ask()
  local bufnr = vim.api.nvim_get_current_buf()
  local attached = client.of(bufnr)
  if not attached or not attached.initialized or unknown[attached.id] or vim.bo[bufnr].buftype ~= '' then
    return
  end
  if require('copilot_ls.ghost_text').is_shown() then
    return
  end
  asked = asked + 1
  local mine, tick = asked, vim.api.nvim_buf_get_changedtick(bufnr)
  local params = vim.lsp.util.make_position_params(0, attached.offset_encoding)
  params.textDocument.version = vim.lsp.util.buf_versions[bufnr]
  attached:request('textDocument/copilotInlineEdit', params, function(err, answer)
    if err then
      unknown[attached.id] = err.code == vim.lsp.protocol.ErrorCodes.MethodNotFound or nil
      return
    end
    local is_same = bufnr == vim.api.nvim_get_current_buf() and tick == vim.api.nvim_buf_get_changedtick(bufnr)
    local edit = type(answer) == 'table' and (answer.edits or {})[1]
    if mine == asked and is_same and edit and not require('copilot_ls.ghost_text').is_shown() then
      offer(edit, attached, bufnr, tick)
    end
  end, bufnr)
end

local function ask_soon()
  timer = timer or assert(vim.uv.new_timer())
  timer:start(QUIET_MS, 0, vim.schedule_wrap(M.ask))
end

local function is_valid()
  if not current then
    return false
  end
  local valid = vim.api.nvim_buf_is_valid(current.from)
    and vim.api.nvim_buf_get_changedtick(current.from) == current.tick
  if not valid then
    clear()
  end
  return valid
end

local function go_there()
  if vim.api.nvim_get_current_buf() ~= current.bufnr then
    vim.cmd.normal({ "m'", bang = true })
    vim.bo[current.bufnr].buflisted = true
    vim.api.nvim_set_current_buf(current.bufnr)
  else
    vim.cmd.normal({ "m'", bang = true })
  end
  local attached = vim.lsp.get_client_by_id(current.client_id)
  local encoding = attached and attached.offset_encoding or 'utf-16'
  current.change = change_of(current.bufnr, current.edit, encoding)
  local narrow = drawing.narrowed(current.bufnr, current.change)
  local row = math.min(narrow.start_row, vim.api.nvim_buf_line_count(0) - 1)
  vim.api.nvim_win_set_cursor(0, { row + 1, narrow.start_col })
  draw()
end

local function is_there()
  if vim.api.nvim_get_current_buf() ~= current.bufnr then
    return false
  end
  local row = vim.api.nvim_win_get_cursor(0)[1] - 1
  local narrow = drawing.narrowed(current.bufnr, current.change)
  return row >= narrow.start_row and row <= narrow.end_row
end

local function make()
  local made, change = current, current.change
  local attached = vim.lsp.get_client_by_id(made.client_id)
  clear()
  vim.cmd('let &undolevels = &undolevels') -- so that one undo takes it back, and nothing else
  vim.api.nvim_buf_set_text(
    made.bufnr,
    change.start_row,
    change.start_col,
    change.end_row,
    change.end_col,
    change.lines
  )
  local last = change.lines[#change.lines]
  vim.api.nvim_win_set_cursor(0, {
    change.start_row + #change.lines,
    (#change.lines == 1 and change.start_col or 0) + #last,
  })
  if attached and made.edit.command then
    attached:exec_cmd(made.edit.command, { bufnr = made.bufnr }, function() end)
  end
  ask_soon()
end

--- Whether a next edit is shown.
---@return boolean
function M.is_shown()
  return is_valid()
end

--- Go to the next edit, or make it where the cursor is there already; false when there is none.
---@return boolean
function M.accept()
  if not is_valid() then
    return false
  end
  -- In insert mode a mapping may not change the text at once.
  vim.schedule(function()
    if is_valid() then
      if is_there() then
        make()
      else
        go_there()
      end
    end
  end)
  return true
end

--- Dismiss the next edit, and tell the server; false when there is none.
---@return boolean
function M.reject()
  if not is_valid() then
    return false
  end
  local attached = vim.lsp.get_client_by_id(current.client_id)
  local id = vim.tbl_get(current.edit, 'command', 'arguments', 1)
  clear()
  asked = asked + 1
  if attached and id then
    local command = { title = 'Dismissed', command = 'copilot-ls.didRejectNextEdit', arguments = { id } }
    attached:exec_cmd(command, { bufnr = 0 }, function() end)
  end
  return true
end

--- From now on, ask after each change, or no longer when the options say so.
function M.follow()
  local group = vim.api.nvim_create_augroup('copilot_ls.next_edit', {})
  if not require('copilot_ls.options').current.next_edit then
    clear()
    return
  end
  vim.api.nvim_create_autocmd({ 'TextChanged', 'TextChangedI', 'InsertLeave' }, {
    group = group,
    callback = function(args)
      if client.of(args.buf) then
        if args.event ~= 'InsertLeave' then
          clear()
        end
        ask_soon()
      end
    end,
  })
  vim.api.nvim_create_autocmd({ 'CursorMoved', 'CursorMovedI', 'WinScrolled' }, {
    group = group,
    callback = function()
      if current and is_valid() and current.from == vim.api.nvim_get_current_buf() then
        draw()
      end
    end,
  })
  vim.api.nvim_create_autocmd('BufLeave', {
    group = group,
    callback = function(args)
      if current and args.buf ~= current.bufnr and args.buf ~= current.from then
        clear()
      end
    end,
  })
end

return M
