--- Neovim's own inline completion, mended: the one place that reaches into what Neovim keeps private.
---
--- Neovim asks for ghost text 200 ms after a key, and takes any answer that comes. Here it asks as soon as the key is dealt
--- with (copilot-ls wants to be asked: what costs something it delays by itself), takes no answer to a question that typing or
--- a newer answer has overtaken, and tells the server what was drawn. Where Neovim turns out to be made otherwise, none of it is
--- done, and ghost text is as Neovim has it: see `M.of`, and the tests that fail then.
local client = require('copilot_ls.client')
local options = require('copilot_ls.options')

local M = {}

local AUTOMATIC, INVOKED = 2, 1
do
  local kinds = vim.lsp.protocol.InlineCompletionTriggerKind
  if kinds then
    AUTOMATIC, INVOKED = kinds.Automatic, kinds.Invoked
  end
end

-- What a user can be said to have seen; as long as the server itself takes for it where no editor tells.
local SEEN_AFTER_MS = 750

-- The completors that have been mended, and those that are about to ask.
local mended = setmetatable({}, { __mode = 'k' })
local about_to_ask = setmetatable({}, { __mode = 'k' })
-- Completors that shall step on as soon as there are several candidates: by how many.
local step_later = setmetatable({}, { __mode = 'k' })

--- Neovim's completor of a buffer; nil where there is none, or where Neovim is made otherwise.
---@param bufnr integer
---@return table?
function M.of(bufnr)
  local there, capability = pcall(require, 'vim.lsp._capability')
  local kind = there and vim.tbl_get(capability, 'all', 'inline_completion')
  local found = kind and vim.tbl_get(kind, 'active', bufnr == 0 and vim.api.nvim_get_current_buf() or bufnr)
  if not found then
    return nil
  end
  for _, name in ipairs({ 'request', 'reset_timer', 'handler', 'show', 'abort', 'count_items' }) do
    if type(found[name]) ~= 'function' then
      return nil
    end
  end
  return found
end

local function is_ours(item)
  local attached = item and vim.lsp.get_client_by_id(item.client_id)
  return attached ~= nil and attached.name == client.NAME
end

--- Whether the cursor is no longer where it was when the question was asked.
local function is_overtaken(completor, context)
  local asked = vim.tbl_get(context or {}, 'params', 'position')
  local attached = context and vim.lsp.get_client_by_id(context.client_id)
  if not asked or not attached or vim.api.nvim_get_current_buf() ~= completor.bufnr then
    return false
  end
  return not vim.deep_equal(vim.lsp.util.make_position_params(0, attached.offset_encoding).position, asked)
end

-- Whether a newer question has been answered: one that was superseded may be answered last, with nothing.
local function is_late(context, newest)
  local id, number = context and context.client_id, context and context.request_id
  if not id or not number then
    return false
  elseif number < (newest[id] or number) then
    return true
  end
  newest[id] = number
  return false
end

-- The line as it will read: the same for what is offered, and for what is left of it while it is typed.
local function line_with(completor)
  local item = completor.current
  if not item or not item.range or type(item.insert_text) ~= 'string' or not is_ours(item) then
    return nil
  end
  local row, column = item.range:to_extmark()
  local line = vim.api.nvim_buf_get_lines(completor.bufnr, row, row + 1, false)[1]
  return line and ('%d %s%s'):format(row, line:sub(1, column), item.insert_text)
end

-- Tell the server once what has been on the screen long enough to be seen.
local function tell_when_seen(completor, seen)
  local text = line_with(completor)
  if text == seen.text then
    return
  end
  seen.text = text
  if not text then
    return
  end
  vim.defer_fn(function()
    local item = completor.current
    if seen.text ~= text or not item or line_with(completor) ~= text then
      return
    end
    local attached = vim.lsp.get_client_by_id(item.client_id)
    if attached and item.command then
      local as_sent = { insertText = item.insert_text, command = item.command }
      attached:notify('textDocument/didShowCompletion', { item = as_sent })
    end
  end, SEEN_AFTER_MS)
end

local function mend(completor)
  if mended[completor] then
    return
  end
  mended[completor] = true
  local handler, show = completor.handler, completor.show
  local seen, newest = {}, {}
  function completor:handler(err, result, context)
    if not err and (is_late(context, newest) or is_overtaken(self, context)) then
      return
    end
    handler(self, err, result, context)
    local step = step_later[self]
    step_later[self] = nil
    if step and self.current and self:count_items() > 1 then
      vim.lsp.inline_completion.select({ bufnr = self.bufnr, count = step })
    end
  end
  function completor:show(hint)
    show(self, hint)
    tell_when_seen(self, seen)
  end
end

local function ask_soon(completor)
  if about_to_ask[completor] then
    return
  end
  about_to_ask[completor] = true
  -- After this key's other autocommands, and once for what is pasted or replayed in one go.
  vim.schedule(function()
    about_to_ask[completor] = nil
    if M.of(completor.bufnr) == completor and vim.startswith(vim.api.nvim_get_mode().mode, 'i') then
      completor:reset_timer()
      completor:request(AUTOMATIC)
    end
  end)
end

local function mend_and_ask(bufnr)
  local completor = client.of(bufnr) and M.of(bufnr)
  if not completor then
    return
  end
  mend(completor)
  if options.current.quick and vim.lsp.inline_completion.is_enabled({ bufnr = bufnr }) then
    ask_soon(completor)
  end
end

--- From now on, mend the completors of buffers that our server is attached to.
function M.follow()
  local group = vim.api.nvim_create_augroup('copilot_ls.completor', {})
  vim.api.nvim_create_autocmd({ 'InsertEnter', 'CursorMovedI', 'TextChangedP' }, {
    group = group,
    callback = function(args)
      mend_and_ask(args.buf)
    end,
  })
  -- What was typed while the server started would wait for the next key. Neovim makes its completor a little later.
  vim.api.nvim_create_autocmd('LspAttach', {
    group = group,
    callback = function(args)
      local function ask(tries)
        if not vim.api.nvim_buf_is_valid(args.buf) or vim.api.nvim_get_current_buf() ~= args.buf then
          return
        end
        if M.of(args.buf) then
          if vim.startswith(vim.api.nvim_get_mode().mode, 'i') then
            mend_and_ask(args.buf)
          end
        elseif tries > 0 then
          vim.defer_fn(function()
            ask(tries - 1)
          end, 50)
        end
      end
      vim.schedule(function()
        ask(20)
      end)
    end,
  })
end

--- Show the next candidate, or the one `count` further. Where there is one alone, more are asked for first.
---@param count integer
function M.step(count)
  local completor = M.of(0)
  if not completor or completor:count_items() > 1 then
    vim.lsp.inline_completion.select({ count = count })
  elseif completor.current then
    step_later[completor] = count
    completor:request(INVOKED)
  end
end

--- Hide what is shown, and tell the server that it was dismissed.
function M.dismiss()
  local completor = M.of(0)
  if not completor then
    return
  end
  local item = completor.current
  completor:abort()
  local id = vim.tbl_get(item or {}, 'command', 'arguments', 1)
  if id and is_ours(item) then
    vim.lsp.get_client_by_id(item.client_id):exec_cmd({
      title = 'Dismissed',
      command = 'copilot-ls.didRejectCompletion',
      arguments = { id },
    }, { bufnr = 0 }, function() end)
  end
end

return M
