import { defineAction } from '@tidegate/runner';

/** A small action for tests of the generator, the bundler and the runner. */
export const action = defineAction({
  name: 'greet',
  title: 'Greet',
  description: 'Greets somebody: "politely" or not at all.',
  branding: { icon: 'smile', color: 'green' },
  post: true,
  inputs: {
    who: { type: 'string', multiline: true, required: true, description: 'Whom to greet, `#1` first.' },
    times: { type: 'choice', choices: ['1', '2'], default: '1', description: 'How often.' },
    mode: {
      type: 'choice',
      choices: ['greet', 'refuse', 'bug', 'wait', 'linger', 'forget'],
      default: 'greet',
      description: 'What to do | or not.',
    },
    password: { type: 'string', secret: true, description: 'Never shown.' },
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the runner evaluates it.
    token: { type: 'string', secret: true, default: '${{ github.token }}', description: 'GitHub token.' },
  },
  outputs: {
    greeting: { description: 'What was said.' },
    length: { description: 'Its length.' },
  },
});
