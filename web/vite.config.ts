// Two builds: the dashboard, files that the server hands out, and the report, one file that needs nothing beside it.
import { createHash } from 'node:crypto';
import { env } from 'node:process';
import { defineConfig, type Plugin } from 'vite';

const DATA_PLACE = '"data of the report"';

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/** Puts scripts and styles into the page, and a policy that allows these and nothing else. */
function oneFile(): Plugin {
  return {
    name: 'one-file',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const page = bundle['report.html'];
      if (page?.type !== 'asset') throw new Error('the report has no page');
      const scripts: string[] = [];
      const styles: string[] = [];
      for (const [name, part] of Object.entries(bundle)) {
        if (part === page) continue;
        if (part.type === 'chunk') scripts.push(part.code.trim());
        else if (name.endsWith('.css')) styles.push(String(part.source).trim());
        else throw new Error(`the report would need the file ${name}`);
        delete bundle[name];
      }
      const [script, style] = [scripts.join('\n'), styles.join('\n')];
      if (/<\/(script|style)/i.test(script + style)) throw new Error('a part would end its element');
      const policy = `default-src 'none'; script-src ${hashOf(script)}; style-src ${hashOf(style)}; base-uri 'none'; form-action 'none'`;
      const source = String(page.source)
        .replace(/\s*<script type="module"[^>]*><\/script>/, '')
        .replace(/\s*<link rel="stylesheet"[^>]*>/, '')
        .replace('<meta charset="utf-8">', () =>
          `<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="${policy}">`)
        .replace('</head>', () => `<style>${style}</style>\n</head>`)
        .replace('</body>', () => `<script type="module">${script}</script>\n</body>`);
      if (source.split(DATA_PLACE).length !== 2) throw new Error('the report has not one place for its data');
      page.source = source;
    },
  };
}

export default defineConfig(({ mode }) => ({
  base: './',
  publicDir: false,
  plugins: mode === 'report' ? [oneFile()] : [],
  worker: { format: 'es' },
  build: {
    outDir: env.VALENCE_WEB_OUT ?? 'dist',
    emptyOutDir: mode !== 'report',
    assetsDir: 'ui',
    assetsInlineLimit: 0,
    modulePreload: false,
    target: 'es2022',
    reportCompressedSize: false,
    rollupOptions: { input: `${mode === 'report' ? 'report' : 'dashboard'}.html` },
  },
}));
