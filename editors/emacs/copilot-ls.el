;;; copilot-ls.el --- Local-first coding assistant through lsp-mode -*- lexical-binding: t; -*-

;; Author: The copilot-ls authors
;; Version: 0.1.0
;; Package-Requires: ((emacs "28.1") (lsp-mode "10.0.0"))
;; Keywords: languages, tools, convenience
;; URL: https://github.com/copilot-ls/copilot-ls
;; SPDX-License-Identifier: Apache-2.0

;;; Commentary:

;; Starts copilot-ls beside the language servers of every buffer that lsp-mode
;; serves, shows its ghost text, and has commands to explain, mend and change
;; code and to see what it is worth.  Ghost text itself is lsp-mode's
;; `lsp-inline-completion-mode'; here are keys that give way where nothing is
;; shown, acceptance by word and by line, and the reports that make the
;; statistics right.
;;
;;   (add-to-list 'load-path (car (process-lines "copilot-ls" "editor"
;;                                               "emacs" "--path")))
;;   (require 'copilot-ls)
;;   (add-hook 'prog-mode-hook #'lsp-deferred)

;;; Code:

(require 'lsp-mode)
(require 'lsp-inline-completion)
(require 'diff-mode)

(defgroup copilot-ls nil
  "Local-first coding assistant."
  :group 'lsp-mode
  :prefix "copilot-ls-")

(defcustom copilot-ls-command '("copilot-ls" "--stdio")
  "Program that is the server, with its arguments."
  :type '(repeat string))

(defcustom copilot-ls-settings nil
  "Settings of the server, as a property list.
The names are those of its settings file; for example
  (:completion (:multiline \"never\"))."
  :type 'plist)

(defcustom copilot-ls-idle-delay 0.1
  "Seconds without a key before ghost text is asked for; nil leaves lsp-mode's.
The server delays by itself what costs something."
  :type '(choice number (const :tag "As lsp-mode has it" nil)))

(defface copilot-ls-next-edit
  '((t :inherit diff-added))
  "Face of what a next edit would put there."
  :group 'copilot-ls)

;; lsp-mode has a client of GitHub's server by the name of copilot-ls.
(defconst copilot-ls--server-id 'copilot-ls-open)

(defvar copilot-ls--status nil
  "What the server said last of its state: kind, busy, message.")

;;; The server

(defun copilot-ls--initialization-options ()
  "What the server is told of this package."
  (list :copilotLs '(:explanations t)
        :editorInfo (list :name "Emacs" :version emacs-version)
        :editorPluginInfo '(:name "copilot-ls.el" :version "0.1.0")))

(defun copilot-ls--language (buffer)
  "The language of BUFFER; the mode's name where lsp-mode knows none."
  (with-current-buffer buffer
    (let ((lsp-warn-no-matched-clients nil))
      (lsp-buffer-language))))

(defun copilot-ls--status-changed (_workspace status)
  "Remember STATUS and show it in mode lines."
  (setq copilot-ls--status status)
  (force-mode-line-update t))

(lsp-register-custom-settings '(("copilot-ls" copilot-ls-settings)))

(lsp-register-client
 (make-lsp-client
  :server-id copilot-ls--server-id
  :new-connection (lsp-stdio-connection (lambda () copilot-ls-command))
  :activation-fn (lambda (&rest _) t)
  :language-id #'copilot-ls--language
  :priority -3
  :add-on? t
  :multi-root t
  :initialization-options #'copilot-ls--initialization-options
  :notification-handlers
  (lsp-ht ("didChangeStatus" #'copilot-ls--status-changed)
          ("copilot-ls/explanation" #'copilot-ls--show-explanation))))

(defun copilot-ls--workspace ()
  "The workspace that the current buffer has at the server.
Without one, the error tells what to do."
  (or (seq-find (lambda (workspace)
                  (eq (lsp--client-server-id (lsp--workspace-client workspace))
                      copilot-ls--server-id))
                (lsp-workspaces))
      (if (executable-find (car copilot-ls-command))
          (user-error "The server copilot-ls does not serve this buffer: M-x lsp")
        (user-error "There is no program %s; install it with \"pipx install copilot-ls\" or set `copilot-ls-command'"
                    (car copilot-ls-command)))))

(defun copilot-ls--run (command arguments &optional then)
  "Run COMMAND of the server with ARGUMENTS, and THEN with what it answers."
  (with-lsp-workspace (copilot-ls--workspace)
    (lsp-request-async "workspace/executeCommand"
                       (list :command command :arguments (vconcat arguments))
                       (or then #'ignore)
                       :mode 'detached
                       :error-handler (lambda (err)
                                        (message "copilot-ls: %s" (lsp:json-error-message err))))))

(defun copilot-ls--get (object name)
  "The member NAME, a string, of OBJECT, a table or property list."
  (if (hash-table-p object)
      (gethash name object)
    (plist-get object (intern (concat ":" name)))))

;;; Ghost text

(defun copilot-ls--item ()
  "The suggestion that is shown; nil when there is none or it is another server's."
  (when (lsp-inline-completion--active-p)
    (let ((item (elt lsp-inline-completion--items lsp-inline-completion--current)))
      (and (copilot-ls--id item) item))))

(defun copilot-ls--id (item)
  "The id of ITEM at the server."
  (when-let* ((command (lsp:inline-completion-item-command? item))
              ((equal (lsp:command-command command) "copilot-ls.didAcceptCompletionItem")))
    (elt (lsp:command-arguments? command) 0)))

(defun copilot-ls--notify (method item &rest more)
  "Send the notification METHOD about ITEM, with MORE of its members."
  (with-lsp-workspace (copilot-ls--workspace)
    (lsp-notify method
                (append (list :item (list :insertText (lsp:inline-completion-item-insert-text item)
                                          :command (lsp:inline-completion-item-command? item)))
                        more))))

(defun copilot-ls--shown ()
  "Tell the server that the suggestion is on the screen."
  (when-let* ((item (copilot-ls--item)))
    (copilot-ls--notify "textDocument/didShowCompletion" item)))

(defvar-local copilot-ls--last-item nil
  "What was shown last, for when it is dismissed.")

(defun copilot-ls--remember ()
  "Remember what is shown, and tell the server."
  (setq copilot-ls--last-item (copilot-ls--item))
  (copilot-ls--shown))

(defun copilot-ls-dismiss ()
  "Hide the ghost text, and tell the server that it was no good."
  (interactive)
  (let ((item (copilot-ls--item)))
    (lsp-inline-completion-cancel)
    (when item
      (copilot-ls--run "copilot-ls.didRejectCompletion" (list (copilot-ls--id item))))))

(defun copilot-ls--rest (item)
  "What of ITEM is still to be inserted at point, with its offset.
Nil if it would replace text."
  ;; lsp-mode may have put point one character before where it was, to draw from there.
  (let* ((here lsp-inline-completion--start-point)
         (text (lsp:inline-completion-item-insert-text item))
         (range (lsp:inline-completion-item-range? item))
         (start (if range (lsp--position-to-point (lsp:range-start range)) here))
         (end (if range (lsp--position-to-point (lsp:range-end range)) here))
         (typed (buffer-substring-no-properties start here)))
    (when (and (stringp text) (= end here) (string-prefix-p typed text))
      (cons (substring text (length typed)) (length typed)))))

(defun copilot-ls--utf-16-length (text)
  "The length of TEXT in utf-16 units."
  (/ (length (encode-coding-string text 'utf-16le)) 2))

(defun copilot-ls--accept-part (regexp)
  "Accept what REGEXP matches at the beginning of the ghost text.
The rest stays."
  (let* ((item (or (copilot-ls--item) (user-error "There is no ghost text")))
         (rest (copilot-ls--rest item))
         (part (and rest (string-match regexp (car rest)) (match-string 0 (car rest)))))
    (if (or (null part) (equal part (car rest)))
        (lsp-inline-completion-accept)
      (lsp-inline-completion--clear-overlay)
      (goto-char lsp-inline-completion--start-point)
      (insert part)
      (copilot-ls--notify "textDocument/didPartiallyAcceptCompletion" item
                          :acceptedLength
                          (copilot-ls--utf-16-length
                           (substring (lsp:inline-completion-item-insert-text item)
                                      0 (+ (cdr rest) (length part)))))
      (lsp-inline-completion-display 'implicit))))

(defun copilot-ls-accept-word ()
  "Accept the next word of the ghost text.
Blanks and punctuation before it come along."
  (interactive)
  (copilot-ls--accept-part "\\`[^[:alnum:]_]*[[:alnum:]_]+"))

(defun copilot-ls-accept-line ()
  "Accept the ghost text up to the end of the line."
  (interactive)
  (copilot-ls--accept-part "\\`\n?[^\n]*"))

(defun copilot-ls-next ()
  "Show the next suggestion; where there is one alone, ask for more first."
  (interactive)
  (if (cdr lsp-inline-completion--items)
      (lsp-inline-completion-next)
    (lsp-inline-completion-display)
    (when (cdr lsp-inline-completion--items)
      (lsp-inline-completion-next))))

;; The map is active only while ghost text is shown: elsewhere the keys are what they are.
(let ((map lsp-inline-completion-active-map))
  (lsp-inline-completion--define-key map (kbd "TAB") #'lsp-inline-completion-accept 'keep)
  (lsp-inline-completion--define-key map (kbd "<tab>") #'lsp-inline-completion-accept 'keep)
  (lsp-inline-completion--define-key map (kbd "M-f") #'copilot-ls-accept-word 'keep)
  (lsp-inline-completion--define-key map (kbd "C-<right>") #'copilot-ls-accept-word 'keep)
  (lsp-inline-completion--define-key map (kbd "C-e") #'copilot-ls-accept-line 'keep)
  (lsp-inline-completion--define-key map (kbd "M-n") #'copilot-ls-next 'keep)
  (lsp-inline-completion--define-key map (kbd "M-p") #'lsp-inline-completion-prev 'keep)
  (lsp-inline-completion--define-key map (kbd "C-g") #'copilot-ls-dismiss 'keep)
  ;; lsp-mode takes these, which move by line, for stepping; with them it is hard to leave ghost text alone.
  (define-key map (kbd "C-n") nil)
  (define-key map (kbd "C-p") nil))

(add-hook 'lsp-inline-completion-shown-hook #'copilot-ls--remember)
(when copilot-ls-idle-delay
  (setq lsp-inline-completion-idle-delay copilot-ls-idle-delay))

;;; Explain, fix, change

(defun copilot-ls--place (&rest more)
  "The argument of an action: the region or point in this buffer, and MORE members."
  (append (list :uri (lsp--buffer-uri)
                :range (if (use-region-p)
                           (lsp--region-to-range (region-beginning) (region-end))
                         (lsp--region-to-range (point) (point)))
                :version lsp--cur-version)
          more))

(defun copilot-ls--diagnostics (&optional whole-file)
  "What servers report on the lines of the region or point, or in the WHOLE-FILE.
A server is not told what others report."
  (let ((first (line-number-at-pos (if (use-region-p) (region-beginning) (point)) t))
        (last (line-number-at-pos (if (use-region-p) (region-end) (point)) t)))
    (vconcat
     (seq-filter
      (lambda (diagnostic)
        (let ((range (lsp:diagnostic-range diagnostic)))
          (or whole-file
              (and (< (lsp:position-line (lsp:range-start range)) last)
                   (>= (lsp:position-line (lsp:range-end range)) (1- first))))))
      (gethash (lsp--fix-path-casing (buffer-file-name)) (lsp-diagnostics t))))))

;;;###autoload
(defun copilot-ls-explain (&optional question)
  "Explain the code at point or in the region.
With a prefix argument, answer QUESTION about it."
  (interactive (list (and current-prefix-arg (read-string "Question: "))))
  (copilot-ls--run "copilot-ls.explain"
                   (list (apply #'copilot-ls--place
                                :diagnostics (copilot-ls--diagnostics)
                                (and question (list :question question))))))

;;;###autoload
(defun copilot-ls-fix (&optional whole-file)
  "Mend what is reported at point or in the region.
With a prefix argument, in the WHOLE-FILE."
  (interactive "P")
  (copilot-ls--run "copilot-ls.fix"
                   (list (apply #'copilot-ls--place
                                :diagnostics (copilot-ls--diagnostics whole-file)
                                (and whole-file (list :scope "file"))))))

;;;###autoload
(defun copilot-ls-change (wish)
  "Change the code at point or in the region according to WISH."
  (interactive "sChange: ")
  (copilot-ls--run "copilot-ls.change" (list (copilot-ls--place :wish wish))))

;;;###autoload
(defun copilot-ls-document ()
  "Document the declaration at point."
  (interactive)
  (copilot-ls--run "copilot-ls.document" (list (copilot-ls--place))))

;;;###autoload
(defun copilot-ls-write-tests ()
  "Write a test of the declaration at point."
  (interactive)
  (copilot-ls--run "copilot-ls.writeTests" (list (copilot-ls--place))))

(defun copilot-ls--show-explanation (_workspace explanation)
  "Show EXPLANATION as far as it has come."
  (let ((markdown (copilot-ls--get explanation "markdown"))
        (title (copilot-ls--get explanation "title")))
    (when markdown
      (copilot-ls--show (or title "Explanation") markdown))))

(defun copilot-ls--show (title markdown)
  "Show MARKDOWN in a window, named by TITLE."
  (let ((buffer (get-buffer-create "*copilot-ls*")))
    (with-current-buffer buffer
      (let ((inhibit-read-only t))
        (erase-buffer)
        (insert markdown)
        (goto-char (point-min))
        (when (and (fboundp 'gfm-view-mode) (not (eq major-mode 'gfm-view-mode)))
          (gfm-view-mode))
        (setq header-line-format title
              buffer-read-only t)))
    (display-buffer buffer)))

;;; The next edit

(defvar-local copilot-ls--edit nil
  "The next edit that is shown in this buffer: the overlay and the edit.")

(defun copilot-ls--clear-edit ()
  "Hide the next edit."
  (when copilot-ls--edit
    (delete-overlay (car copilot-ls--edit))
    (setq copilot-ls--edit nil)))

(defun copilot-ls--show-edit (edit)
  "Go to the place of EDIT and show what it would make of it."
  (let* ((document (copilot-ls--get edit "textDocument"))
         (range (lsp-make-range :start (copilot-ls--get (copilot-ls--get edit "range") "start")
                                :end (copilot-ls--get (copilot-ls--get edit "range") "end"))))
    (find-file (lsp--uri-to-path (copilot-ls--get document "uri")))
    (push-mark nil t)
    (goto-char (lsp--position-to-point (lsp:range-start range)))
    (let ((overlay (make-overlay (point) (lsp--position-to-point (lsp:range-end range)))))
      (overlay-put overlay 'face 'diff-removed)
      (overlay-put overlay 'after-string
                   (propertize (copilot-ls--get edit "text") 'face 'copilot-ls-next-edit))
      (overlay-put overlay 'modification-hooks (list (lambda (&rest _) (copilot-ls--clear-edit))))
      (setq copilot-ls--edit (cons overlay edit)))
    (with-lsp-workspace (copilot-ls--workspace)
      (lsp-notify "textDocument/didShowInlineEdit"
                  (list :item (list :command (copilot-ls--get edit "command")))))
    (message "copilot-ls: again makes it, C-u dismisses it")))

(defun copilot-ls--make-edit ()
  "Make the next edit that is shown, as one step of undo."
  (let* ((edit (cdr copilot-ls--edit))
         (overlay (car copilot-ls--edit))
         (start (overlay-start overlay))
         (end (overlay-end overlay))
         (command (copilot-ls--get edit "command")))
    (copilot-ls--clear-edit)
    (undo-boundary)
    (delete-region start end)
    (goto-char start)
    (insert (copilot-ls--get edit "text"))
    (undo-boundary)
    (copilot-ls--run (copilot-ls--get command "command")
                     (append (copilot-ls--get command "arguments") nil))))

;;;###autoload
(defun copilot-ls-next-edit (&optional dismiss)
  "Go to where the change just made asks for another; there, make it.
With a prefix argument, DISMISS it."
  (interactive "P")
  (cond
   ((and dismiss copilot-ls--edit)
    (let ((id (elt (copilot-ls--get (copilot-ls--get (cdr copilot-ls--edit) "command") "arguments") 0)))
      (copilot-ls--clear-edit)
      (copilot-ls--run "copilot-ls.didRejectNextEdit" (list id))))
   (copilot-ls--edit (copilot-ls--make-edit))
   (t
    (with-lsp-workspace (copilot-ls--workspace)
      (let* ((answer (lsp-request "textDocument/copilotInlineEdit"
                                  (list :textDocument (lsp--versioned-text-document-identifier)
                                        :position (lsp--cur-position))))
             (edits (copilot-ls--get answer "edits")))
        (if (seq-empty-p edits)
            (message "copilot-ls: the last change asks for no other")
          (copilot-ls--show-edit (elt edits 0))))))))

;;; Statistics and state

;;;###autoload
(defun copilot-ls-statistics ()
  "Show what was shown, accepted and kept."
  (interactive)
  (copilot-ls--run "copilot-ls.showStatistics" nil))

;;;###autoload
(defun copilot-ls-snooze (minutes)
  "No ghost text for MINUTES, ten without a prefix argument."
  (interactive (list (if current-prefix-arg (prefix-numeric-value current-prefix-arg) 10)))
  (copilot-ls--run "copilot-ls.snooze" (list minutes)
                   (lambda (_) (message "copilot-ls: no ghost text for %s minutes" minutes))))

;;;###autoload
(defun copilot-ls-resume ()
  "Ghost text again, after `copilot-ls-snooze'."
  (interactive)
  (copilot-ls--run "copilot-ls.resume" nil (lambda (_) (message "copilot-ls: ghost text again"))))

;;;###autoload
(defun copilot-ls-toggle (&optional language)
  "Ghost text off or on for this session.
With a prefix argument, for the LANGUAGE of this buffer alone."
  (interactive (list (and current-prefix-arg (lsp-buffer-language))))
  (copilot-ls--run "copilot-ls.toggle" (and language (list language))
                   (lambda (answer)
                     (message "copilot-ls: %s"
                              (if (eq (copilot-ls--get answer "enabled") t) "on" "off")))))

(defun copilot-ls-status-text ()
  "A few words for a mode line: empty where the server does not serve the buffer."
  (if (not (bound-and-true-p lsp-mode))
      ""
    (let ((kind (and copilot-ls--status (copilot-ls--get copilot-ls--status "kind")))
          (busy (and copilot-ls--status (eq (copilot-ls--get copilot-ls--status "busy") t))))
      (concat " copilot-ls"
              (cond ((equal kind "Inactive") ":off") ((member kind '("Warning" "Error")) ":!") (t ""))
              (if busy ":…" "")))))

(put 'copilot-ls-mode-line 'risky-local-variable t)
(defvar copilot-ls-mode-line '(:eval (copilot-ls-status-text))
  "For `mode-line-format' or `global-mode-string': the state of the server.")

(defun copilot-ls--describe (status)
  "STATUS, as the server sent it, as Markdown."
  (let* ((today (copilot-ls--get status "today"))
         (rate (and today (copilot-ls--get today "acceptanceRate")))
         (document (copilot-ls--get status "document"))
         (message (copilot-ls--get status "message")))
    (string-join
     (delq nil
           (append
            (list (format "**copilot-ls %s**: %s" (copilot-ls--get status "version") (copilot-ls--get status "kind"))
                  (and (stringp message) (not (string-empty-p message)) (concat "- " message))
                  (and document
                       (format "- this file: %s" (if (eq (copilot-ls--get document "enabled") t)
                                                     "served"
                                                   (or (copilot-ls--get document "reason") "not served")))))
            (mapcar (lambda (backend)
                      (format "- backend %s: %s" (copilot-ls--get backend "name") (copilot-ls--get backend "state")))
                    (copilot-ls--get status "backends"))
            (list (and today
                       (format "- today: %s shown, %s accepted%s"
                               (copilot-ls--get today "shown") (copilot-ls--get today "accepted")
                               (if (numberp rate) (format ", %d %%" (round (* 100 rate))) ""))))))
     "\n")))

;;;###autoload
(defun copilot-ls-status ()
  "Show the state of the server, its backends and this file."
  (interactive)
  (with-lsp-workspace (copilot-ls--workspace)
    (lsp-request-async "copilot-ls/status"
                       (list :textDocument (lsp--text-document-identifier))
                       (lambda (status) (copilot-ls--show "copilot-ls" (copilot-ls--describe status)))
                       :mode 'detached
                       :error-handler (lambda (err)
                                        (message "copilot-ls: %s" (lsp:json-error-message err))))))

(provide 'copilot-ls)
;;; copilot-ls.el ends here
