" copilot-ls for Vim's ALE: a linter of that name for every type of file, so that its completions and code actions are asked for.
"
" Vim itself has no LSP client. Which linters run is the user's word: let g:ale_linters = {'python': ['copilot-ls', 'ruff']}
if exists('g:loaded_copilot_ls')
  finish
endif
let g:loaded_copilot_ls = 1

function! CopilotLsRoot(buffer) abort
  for l:marker in ['.copilot-ls.toml', '.git/', '.hg/', '.jj/']
    let l:found = ale#path#FindNearestDirectory(a:buffer, l:marker)
    if empty(l:found)
      let l:found = ale#path#FindNearestFile(a:buffer, l:marker)
    endif
    if !empty(l:found)
      return l:marker[-1:] is# '/' ? fnamemodify(l:found, ':h:h') : fnamemodify(l:found, ':h')
    endif
  endfor
  return expand('#' . a:buffer . ':p:h')
endfunction

function! s:Define(filetype) abort
  if empty(a:filetype) || has_key(s:defined, a:filetype)
    return
  endif
  let s:defined[a:filetype] = 1
  try
    call ale#linter#Define(a:filetype, {
    \   'name': 'copilot-ls',
    \   'lsp': 'stdio',
    \   'executable': get(g:, 'copilot_ls_executable', 'copilot-ls'),
    \   'command': '%e --stdio',
    \   'project_root': function('CopilotLsRoot'),
    \})
  catch /E117/
    " There is no ALE.
  endtry
endfunction

let s:defined = {}
augroup copilot_ls
  autocmd!
  autocmd FileType * call s:Define(expand('<amatch>'))
augroup END
call s:Define(&filetype)
