;;; copilot_emacs.el --- lsp-mode's client of GitHub's server  -*- lexical-binding: t -*-

;; Run by test_copilot_emacs.py in batch mode.  What a user changes is `lsp-copilot-executable', before lsp-copilot is
;; loaded; all else here keeps Emacs quiet and quick.

(setq native-comp-enable-subr-trampolines nil  ; there may be no compiler
      native-comp-jit-compilation nil
      lsp-copilot-executable (getenv "COPILOT_LS_COMMAND")
      lsp-copilot-enabled t
      lsp-copilot-auth-check-delay nil  ; else a timer asks in the midst of the test's own requests
      lsp-auto-guess-root t
      lsp-enable-suggest-server-download nil
      lsp-restart 'ignore
      lsp-diagnostics-provider :none
      lsp-session-file (expand-file-name "lsp-session" (getenv "HOME")))
(dolist (feature '(lsp-mode lsp-lens lsp-modeline lsp-headerline lsp-completion lsp-diagnostics
                            lsp-inline-completion lsp-copilot))
  (require feature))

(defun tell (what value)
  "Print WHAT and VALUE as the test reads them."
  (princ (format "%s=%s\n" what (json-serialize value :false-object :json-false))))

(defun wait-until (holds)
  "Wait until HOLDS, a function, returns true, half a minute at most."
  (let ((end (+ (float-time) 30)))
    (while (and (not (funcall holds)) (< (float-time) end))
      (accept-process-output nil 0.02))))

(defun ghost-text ()
  "The ghost text that is shown, or an empty string."
  (if (overlayp lsp-inline-completion--overlay)
      (substring-no-properties (overlay-get lsp-inline-completion--overlay 'after-string))
    ""))

(lsp-workspace-folders-add default-directory)
(find-file "new.py")
(lsp)
(wait-until (lambda () (and lsp--buffer-workspaces
                            (eq 'initialized (lsp--workspace-status (car lsp--buffer-workspaces))))))
(tell "client" (symbol-name (lsp--client-server-id (lsp--workspace-client (car lsp--buffer-workspaces)))))
(tell "user" (lsp-copilot--authenticated-as))
(insert "total = ")
(lsp-inline-completion-display)
(tell "first" (ghost-text))
(lsp-inline-completion-next)
(tell "second" (ghost-text))
(lsp-inline-completion-accept)
(tell "text" (buffer-string))
(set-buffer-modified-p nil)
;; lsp-mode kills a server that is slow to end: what was taken is to be written down before that.
(wait-until (lambda ()
              (= 1 (gethash "accepted" (gethash "today" (lsp-request "copilot-ls/status" (list :textDocument nil)))))))
(kill-emacs 0)
;;; copilot_emacs.el ends here
