import '../style/base.css';
