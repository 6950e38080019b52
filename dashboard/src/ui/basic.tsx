import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';

type Children = { children: ComponentChildren };

/** The product's mark, in the colour of the text around it. */
export function Mark() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true">
      <g fill="none" stroke="currentColor" stroke-width="2.6" stroke-linecap="round">
        <path d="M8 9l16 3M8 9l5 15M24 12L13 24" />
      </g>
      <g fill="currentColor">
        <circle cx="8" cy="9" r="4.4" />
        <circle cx="24" cy="12" r="4.4" />
        <circle cx="13" cy="24" r="4.4" />
      </g>
    </svg>
  );
}

export function Brand() {
  return (
    <a class="brand" href="/" aria-label="claudemesh" data-page>
      <Mark />
      <span>claudemesh</span>
    </a>
  );
}

type ButtonProps = {
  kind?: 'first' | 'danger' | 'plain' | undefined;
  slight?: boolean;
  fill?: boolean;
  /** Something goes on that it began: it keeps its place and the focus, and takes no second click. */
  busy?: boolean;
  onClick?: () => void;
  submit?: boolean;
  label?: string | undefined;
} & Children;

export function Button({ kind, slight, fill, busy, onClick, submit, label, children }: ButtonProps) {
  const names = ['button', kind, slight && 'slight', fill && 'fill'].filter(Boolean).join(' ');
  return (
    <button
      type={submit ? 'submit' : 'button'}
      class={names}
      aria-disabled={busy ? 'true' : undefined}
      aria-label={label}
      onClick={(event) => {
        if (busy) event.preventDefault();
        else onClick?.();
      }}
    >
      {busy && <span class="busy" aria-hidden="true" />}
      {children}
    </button>
  );
}

type FieldProps = {
  label: string;
  value: string;
  onInput: (value: string) => void;
  hint?: ComponentChildren;
  fault?: string | null | undefined;
  type?: 'text' | 'password' | 'email' | 'number';
  autocomplete?: string;
  mono?: boolean;
  focus?: boolean;
  required?: boolean;
  inputMode?: 'numeric' | 'text' | 'email';
  maxLength?: number;
};

/** A line to type into, with its label, its hint and what is wrong with it read out together. */
export function Field({ label, value, onInput, hint, fault, type = 'text', autocomplete = 'off', mono, focus, required, inputMode, maxLength }: FieldProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (focus) input.current?.focus();
  }, [focus]);
  const described = [hint ? `${id}-hint` : null, fault ? `${id}-fault` : null].filter(Boolean).join(' ');
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        ref={input}
        id={id}
        class={mono ? 'mono' : undefined}
        // Preact's types tell a role for each type; none is given here.
        type={type as 'text'}
        value={value}
        autocomplete={autocomplete}
        inputMode={inputMode}
        maxLength={maxLength}
        required={required}
        aria-invalid={fault ? 'true' : undefined}
        aria-describedby={described || undefined}
        onInput={(event) => onInput(event.currentTarget.value)}
        spellcheck={mono ? false : undefined}
        autocapitalize={mono ? 'none' : undefined}
      />
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {fault && (
        <p class="fault" id={`${id}-fault`}>
          {fault}
        </p>
      )}
    </div>
  );
}

type NoticeProps = { kind?: 'danger' | 'good' | 'accent'; title?: string; alert?: boolean } & Children;

/** Something to be read before going on. An alert is read out when it appears. */
export function Notice({ kind, title, alert, children }: NoticeProps) {
  return (
    <div class={['notice', kind].filter(Boolean).join(' ')} role={alert ? 'alert' : undefined}>
      {title && <strong>{title}</strong>}
      <div class="stack close">{children}</div>
    </div>
  );
}

/** The place of a refusal: always there, so that readers hear what comes into it. */
export function Refusal({ text }: { text: string | null }) {
  return (
    <div class="refusal" role="alert">
      {text && <div class="notice danger">{text}</div>}
    </div>
  );
}

/** A command or a text to take along. */
export function Copyable({ text, label }: { text: string; label: string }) {
  const copied = useSignal(false);
  const code = useRef<HTMLElement>(null);
  useEffect(() => {
    if (!copied.value) return;
    const timer = setTimeout(() => {
      copied.value = false;
    }, 2500);
    return () => clearTimeout(timer);
  }, [copied.value]);

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      copied.value = true;
    } catch {
      // Without leave to write the clipboard, the text is marked for a copy by hand.
      if (code.current) getSelection()?.selectAllChildren(code.current);
    }
  };
  return (
    <div class="command">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keyboard */}
      <code ref={code} tabIndex={0}>
        {text}
      </code>
      <Button onClick={copy} label={copied.value ? undefined : label}>
        {copied.value ? 'Copied' : 'Copy'}
      </Button>
      <span class="hidden" role="status">
        {copied.value ? 'Copied' : ''}
      </span>
    </div>
  );
}

export function Loading() {
  return (
    <div class="loading" role="status">
      <span>
        <span class="busy" aria-hidden="true" /> <span class="hidden">Loading</span>
      </span>
    </div>
  );
}
